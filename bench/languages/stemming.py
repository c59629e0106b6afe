"""Stems of the words of real tweets, judged by two dictionaries of English: which words a search joins, and which not.

A query of one word should find the tweets with a form of it: a word with a lemma in common. ROOKERY_BENCH_DETECTORS
names the Python of an environment with simplemma and lemminflect.
"""

import json
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.harness.figures import Figure
from bench.languages import lemmas
from bench.languages.corpus import real_tweets, words_alone
from bench.languages.guesses import DETECTORS_PYTHON
from core.text.stems import snowball, stem
from core.text.terms import pieces

NAME = "stems"
_LEAST_TWEETS = 5
_WORST = 50
_ENGLISH = re.compile(r"[a-z']+")
# Nobody searches for these, and their many forms would outweigh all others.
_FUNCTION_LEMMAS = frozenset(
    {"i", "you", "he", "she", "it", "we", "they", "this", "that", "be", "have", "do", "can", "will", "shall", "may"}
    | {"a", "to", "no", "not", "n't"}
)

Stem = Callable[[str], str]
Lemmas = Mapping[str, frozenset[str]]


async def run() -> list[Figure]:
    tweets = real_tweets()
    if tweets is None:
        return [Figure(NAME, "no real tweets here: not measured", "")]
    counts = _tweets_of_words(tweets)
    answer = _asked(list(counts))
    if answer is None:
        return [Figure(NAME, "simplemma or lemminflect is not installed: not measured", "")]
    known = {word: frozenset(found) for word, found in zip(counts, answer["lemmas"], strict=True)}
    words = {word: count for word, count in counts.items() if not known[word] & _FUNCTION_LEMMAS}
    for what, worst in (("joined", _joined(words, known, snowball)), ("parted", _parted(words, known, snowball))):
        print(f"{what} by Snowball, not by {' and '.join(answer['versions'])}:")
        print("\n".join(worst[:_WORST]))
    stems: Mapping[str, Stem] = {"words as they are": str, "Snowball": snowball, "Rookery": stem}
    return [_figure(name, words, known, one) for name, one in stems.items()]


def _tweets_of_words(tweets: Sequence[str]) -> Counter[str]:
    """The number of tweets that have each English word, mentions, hashtags and links left out."""
    found = Counter[str]()
    for text in tweets:
        found.update({piece for piece in pieces(words_alone(text)) if _ENGLISH.fullmatch(piece)})
    return found


def _asked(words: Sequence[str]) -> dict[str, Any] | None:
    command = [DETECTORS_PYTHON, str(Path(lemmas.__file__))]
    ended = subprocess.run(command, input=json.dumps(words), stdout=subprocess.PIPE, text=True, check=False)
    if ended.returncode == lemmas.NOT_INSTALLED:
        return None
    ended.check_returncode()
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def _figure(name: str, words: Mapping[str, int], known: Lemmas, stemmed: Stem) -> Figure:
    """Means over all words that are in five tweets or more: each is a query once."""
    by_stem, by_lemma = _groups(words, lambda word: [stemmed(word)]), _groups(words, lambda word: known[word])
    precisions, recalls = [], []
    for word in (each for each, count in words.items() if count >= _LEAST_TWEETS):
        found = set(by_stem[stemmed(word)])
        wanted = {word} | {other for lemma in known[word] for other in by_lemma[lemma]}
        right = _total(words, found & wanted)
        precisions.append(right / _total(words, found))
        recalls.append(right / _total(words, wanted))
    measured = f"precision {fmean(precisions):.1%}, recall {fmean(recalls):.1%}"
    return Figure(NAME, f"{name}: {len(precisions):,} words of {_LEAST_TWEETS} tweets or more", measured)


def _total(words: Mapping[str, int], some: set[str]) -> int:
    return sum(words[word] for word in some)


def _joined(words: Mapping[str, int], known: Lemmas, stemmed: Stem) -> list[str]:
    """Words that share the stem of a more frequent one without a common lemma, the most frequent first."""
    lines = []
    for group in _groups(words, lambda word: [stemmed(word)]).values():
        first = max(group, key=lambda word: (words[word], word))
        lines += [(words[word], word, first) for word in group if not known[word] & known[first]]
    return [f"{word} {count}, {first} {words[first]}" for count, word, first in sorted(lines, reverse=True)]


def _parted(words: Mapping[str, int], known: Lemmas, stemmed: Stem) -> list[str]:
    """Forms of a word that is more frequent, with another stem than that, the most frequent first."""
    lines = set()
    for lemma, group in _groups(words, lambda word: known[word]).items():
        first = max(group, key=lambda word: (words[word], word))
        lines |= {(words[word], word, first, lemma) for word in group if stemmed(word) != stemmed(first)}
    return [f"{word} {count}, {first} {words[first]}" for count, word, first, _ in sorted(lines, reverse=True)]


def _groups(words: Mapping[str, int], keys: Callable[[str], Sequence[str] | frozenset[str]]) -> dict[str, list[str]]:
    groups = defaultdict(list)
    for word in words:
        for key in keys(word):
            groups[key].append(word)
    return groups
