"""Stemming of English words (Snowball's English stemmer), so that `rook` finds `rooks`. Other words stay unchanged."""

import re
from collections.abc import Callable
from typing import Final

import Stemmer

STEMMER_VERSION: Final[str] = Stemmer.version()
"""Releases of Snowball stem some words differently."""

_ENGLISH: Final = re.compile(r"[a-z']+")
_SNOWBALL: Final[Callable[[str], str]] = Stemmer.Stemmer("english").stemWord


def stem(word: str) -> str:
    """The stem of a folded word; a word with letters other than a to z is its own stem."""
    return (_SNOWBALL(word) or word) if _ENGLISH.fullmatch(word) else word
