"""Texts whose language is known: written for the purpose, and the real tweets, which are not part of the repository.

`texts/*.tsv` has lines `language TAB text`, by families of close languages: mostly the same things, said as one would
say them in each. `none` marks names, laughter, single words, and Greek and Arabic in Latin letters.
"""

import os
from pathlib import Path
from typing import Final, NamedTuple

from bench.deployment.stack import ROOT
from core.text.entities import extract_entities
from core.text.languages import without_entities
from datastore.admin.importer.sentiment140 import parse_tweet
from datastore.admin.importer.sources import read_lines

NONE: Final = "none"
_FOLDER: Final = Path(__file__).with_name("texts")


class KnownText(NamedTuple):
    """`language` is as `language_of` says it, or `none`."""

    language: str
    text: str


def written_texts() -> list[KnownText]:
    """Families in the order of their names."""
    lines = [line for path in sorted(_FOLDER.glob("*.tsv")) for line in path.read_text(encoding="utf-8").splitlines()]
    return [KnownText(*line.split("\t")) for line in lines]


def real_tweets() -> list[str] | None:
    """Real tweets, nearly all of them English; None where ROOKERY_REAL_DATA's folder has none."""
    folder = Path(os.environ.get("ROOKERY_REAL_DATA") or ROOT.parent / "shared" / "data").resolve()
    file = folder / "tweets-2009.csv"
    if not file.exists():
        return None
    return [tweet.text for tweet in read_lines(file, parse_tweet, lambda _: None)]


def words_alone(text: str) -> str:
    """One line without mentions, hashtags and links, as the detectors get it."""
    return " ".join(without_entities(text, extract_entities(text)).split())
