"""Stand-alone program around one language detector, so that each has a process, and may have packages, of its own.

`python detector.py NAME < texts.json > answers.json`: texts are pairs of a text and a language to hint at, or null.
Exit status 3 means that the detector is not installed.
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

Detect = Callable[[str, "str | None"], "str | None"]

NOT_INSTALLED = 3
_FIRST = "The first text loads what is loaded at first use."


def rookery() -> tuple[str, Detect]:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    language_of = import_module("core.text.languages").language_of
    no_entities = import_module("core.text.entities").Entities()
    return "", lambda text, hint: language_of(text, no_entities, locale=hint)


def cld2(*, is_best_effort: bool) -> tuple[str, Detect]:
    library = import_module("pycld2")

    def detect(text: str, _: str | None) -> str | None:
        try:
            is_found, _, details = library.detect(text, isPlainText=True, bestEffort=is_best_effort)
        except library.error:  # a character that it does not know
            return None
        return details[0][1] if is_found and details[0][1] != "un" else None

    return version("pycld2"), detect


def py3langid() -> tuple[str, Detect]:
    library = import_module("py3langid")
    return version("py3langid"), lambda text, _: library.classify(text)[0]


def lingua(*, is_low: bool) -> tuple[str, Detect]:
    builder = import_module("lingua").LanguageDetectorBuilder.from_all_languages()
    detector = (builder.with_low_accuracy_mode() if is_low else builder).build()

    def detect(text: str, _: str | None) -> str | None:
        found = detector.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else None

    return version("lingua-language-detector"), detect


def langdetect() -> tuple[str, Detect]:
    library = import_module("langdetect")
    library.DetectorFactory.seed = 0

    def detect(text: str, _: str | None) -> str | None:
        try:
            return str(library.detect(text))
        except library.LangDetectException:
            return None

    return version("langdetect"), detect


DETECTORS: dict[str, Callable[[], tuple[str, Detect]]] = {
    "Rookery": rookery,
    "pycld2": lambda: cld2(is_best_effort=False),
    "pycld2 best effort": lambda: cld2(is_best_effort=True),
    "py3langid": py3langid,
    "lingua low": lambda: lingua(is_low=True),
    "lingua high": lambda: lingua(is_low=False),
    "langdetect": langdetect,
}


def main(name: str) -> dict[str, Any]:
    texts = json.load(sys.stdin)
    memory, began = _resident(), perf_counter()
    release, detect = DETECTORS[name]()
    detect(_FIRST, None)
    loaded = perf_counter()
    answers = [detect(text, hint) for text, hint in texts]
    seconds = perf_counter() - loaded
    return {
        "version": release,
        "load_ms": (loaded - began) * 1e3,
        "us": seconds / len(texts) * 1e6,
        "megabytes": _resident() - memory,
        "answers": answers,
    }


def _resident() -> float:
    """In megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    try:
        print(json.dumps(main(sys.argv[1])))
    except ModuleNotFoundError:
        sys.exit(NOT_INSTALLED)
