"""Stand-alone program that asks two dictionaries of English for the forms of words, in an environment of its own.

`python lemmas.py < words.json > lemmas.json`: the answer has versions, and for each word the list of its lemmas, as
simplemma and lemminflect say them. Exit status 3 means that one of them is not installed.
"""

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

NOT_INSTALLED = 3


def main(words: Sequence[str]) -> dict[str, Any]:
    lemmatize = import_module("simplemma").lemmatize
    of_parts = import_module("lemminflect").getAllLemmas
    lemmas = [
        sorted({lemmatize(word, lang="en").lower(), *(one.lower() for some in of_parts(word).values() for one in some)})
        for word in words
    ]
    return {"versions": [f"{name} {version(name)}" for name in ("simplemma", "lemminflect")], "lemmas": lemmas}


if __name__ == "__main__":
    try:
        print(json.dumps(main(json.load(sys.stdin))))
    except ModuleNotFoundError:
        sys.exit(NOT_INSTALLED)
