"""Stems of English words by Snowball's English stemmer and a table of exceptions, so that `rook` finds `rooks`.

Other words stay unchanged.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

import Stemmer

from core.text.tables.english import APART, TOGETHER

STEMMER_VERSION: Final[str] = Stemmer.version()
"""Releases of Snowball stem some words differently."""

_ENGLISH: Final = re.compile(r"[a-z']+")
_SNOWBALL: Final[Callable[[str], str]] = Stemmer.Stemmer("english").stemWord


def stem(word: str) -> str:
    """The stem of a folded word; a word with letters other than a to z is its own stem."""
    if not _ENGLISH.fullmatch(word):
        return word
    return _EXCEPTIONS.get(word.removesuffix("'s")) or snowball(word)


def snowball(word: str) -> str:
    """The stem of a word of the letters a to z by Snowball's rules alone."""
    return _SNOWBALL(word) or word


def _families(table: str) -> Iterator[tuple[str, list[str]]]:
    for line in table.strip().splitlines():
        head, _, forms = line.partition(": ")
        yield head, forms.split()


_EXCEPTIONS: Final = {
    **{form: head for head, forms in _families(APART) for form in forms},
    **{form: _SNOWBALL(head) for head, forms in _families(TOGETHER) for form in forms},
}
