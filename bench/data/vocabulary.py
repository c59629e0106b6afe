"""Generates texts whose words have the frequencies of real tweets, which are not part of the repository."""

import csv
import html
import os
import random
from collections.abc import Iterator
from pathlib import Path

from bench.deployment.stack import ROOT

_TEXT = 5


class Vocabulary:
    """`words` has each word as often as it occurs in the texts."""

    def __init__(self, texts: list[list[str]]) -> None:
        self.words = [word for text in texts for word in text]
        self._lengths = [len(text) for text in texts]

    def texts(self, count: int, dice: random.Random) -> Iterator[str]:
        for _ in range(count):
            yield " ".join(dice.choices(self.words, k=dice.choice(self._lengths)))


def real_vocabulary() -> Vocabulary | None:
    """Read from the folder that ROOKERY_REAL_DATA names; None where that has no tweets."""
    folder = Path(os.environ.get("ROOKERY_REAL_DATA") or ROOT.parent / "shared" / "data").resolve()
    file = folder / "tweets-2009.csv"
    if not file.exists():
        return None
    with file.open(encoding="utf-8", newline="") as lines:
        return Vocabulary([html.unescape(row[_TEXT]).split() for row in csv.reader(lines)])
