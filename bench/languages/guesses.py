"""Languages of texts: ours beside other detectors, on real tweets and on short texts of close languages.

ROOKERY_BENCH_DETECTORS names the Python of an environment with the other detectors. A detector that is not installed
there has a row that says so.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.harness.figures import Figure
from bench.languages import detector
from bench.languages.corpus import NONE, KnownText, real_tweets, words_alone, written_texts
from core.text.languages import canonical_language

NAME = "languages"
WITH_LOCALE = "Rookery, locale"
DETECTORS_PYTHON = os.environ.get("ROOKERY_BENCH_DETECTORS") or sys.executable
# Chinese by its scripts, in the detectors' own names.
_SAME = {"zh-Hant": "zh", "zh-cn": "zh", "zh-tw": "zh"}
_CONFUSIONS = 3


class Run(NamedTuple):
    """Answers of one detector, in the order of the texts; None where it is not installed."""

    version: str
    load_ms: float
    us: float
    megabytes: float
    answers: Sequence[str | None]


async def run() -> list[Figure]:
    texts = written_texts()
    runs = {name: _run(name, [(words_alone(each.text), None) for each in texts]) for name in detector.DETECTORS}
    hinted = [(words_alone(each.text), None if each.language == NONE else each.language) for each in texts]
    runs[WITH_LOCALE] = _run("Rookery", hinted)
    present = {name: found for name, found in runs.items() if found is not None}
    print(_matrix(texts, present))
    absent = [Figure(NAME, f"{name} is not installed: not measured", "") for name, found in runs.items() if not found]
    figures = [figure for name, found in present.items() for figure in _figures(name, texts, found)]
    return [*figures, *absent, *_on_tweets(present)]


def _run(name: str, texts: Sequence[tuple[str, str | None]]) -> Run | None:
    python = sys.executable if name == "Rookery" else DETECTORS_PYTHON
    command = [python, str(Path(detector.__file__)), name]
    ended = subprocess.run(command, input=json.dumps(texts), stdout=subprocess.PIPE, text=True, check=False)
    if ended.returncode == detector.NOT_INSTALLED:
        return None
    ended.check_returncode()
    found = Run(**json.loads(ended.stdout))
    return found._replace(answers=[_canonical(code) for code in found.answers])


def _canonical(code: str | None) -> str | None:
    return None if code is None else canonical_language(_SAME.get(code, code))


def _figures(name: str, texts: Sequence[KnownText], found: Run) -> list[Figure]:
    tongues, noise = Counter[str](), Counter[str]()
    for known, answer in zip(texts, found.answers, strict=True):
        (noise if known.language == NONE else tongues)[_verdict(known.language, answer)] += 1
    cost = f"{found.us:.0f} us a text, {found.megabytes:.0f} MB, {found.load_ms:.0f} ms to load"
    what = f"{name} {found.version}".strip()
    right = f"{tongues['right']}/{tongues['wrong']}/{tongues['none']} right/wrong/none"
    return [
        Figure(NAME, f"{what}: {tongues.total()} texts", right, "", cost),
        Figure(NAME, f"{what}: {noise.total()} texts without a language", f"{noise['right']} left without", "", ""),
    ]


def _verdict(language: str, answer: str | None) -> str:
    if (answer or NONE) == language:
        return "right"
    return "none" if answer is None else "wrong"


def _matrix(texts: Sequence[KnownText], runs: Mapping[str, Run]) -> str:
    """A line a language: right/wrong/none by each detector, and what ours takes it for without a locale."""
    lines = [f"{'':>5} " + " ".join(f"{name:>18}" for name in runs)]
    for language in dict.fromkeys(known.language for known in texts):
        places = [place for place, known in enumerate(texts) if known.language == language]
        cells = [_cell(language, [found.answers[place] for place in places]) for found in runs.values()]
        ours = Counter(answer or NONE for place in places if (answer := runs["Rookery"].answers[place]) != language)
        taken = ", ".join(f"{code} {count}" for code, count in ours.most_common(_CONFUSIONS) if code != language)
        lines.append(f"{language:>5} " + " ".join(f"{cell:>18}" for cell in cells) + f"  {taken}")
    return "\n".join(lines)


def _cell(language: str, answers: Sequence[str | None]) -> str:
    counts = Counter(_verdict(language, answer) for answer in answers)
    return f"{counts['right']}/{counts['wrong']}/{counts['none']}"


def _on_tweets(runs: Mapping[str, Run]) -> list[Figure]:
    tweets = real_tweets()
    if tweets is None:
        return [Figure(NAME, "no real tweets here: not measured", "")]
    texts = [(words_alone(text), None) for text in tweets]
    found = {name: _run(name, texts) for name in runs if name != WITH_LOCALE}
    return [_on_tweets_figure(name, one.answers) for name, one in found.items() if one is not None]


def _on_tweets_figure(name: str, answers: Sequence[str | None]) -> Figure:
    counts = Counter(answer or NONE for answer in answers)
    english, none = counts["en"] / len(answers), counts[NONE] / len(answers)
    others = len(answers) - counts["en"] - counts[NONE]
    measured = f"{english:.1%} English, {none:.1%} none, {others} others"
    return Figure(NAME, f"{name}: {len(answers):,} real tweets", measured, "", "")
