"""English words by their stem (Snowball's English stemmer), so that `rook` finds `rooks`. Others stay as they are."""

import re
from collections.abc import Callable
from typing import Final

from Stemmer import Stemmer

_ENGLISH: Final = re.compile(r"[a-z']+")
_SNOWBALL: Final[Callable[[str], str]] = Stemmer("english").stemWord


def stem(word: str) -> str:
    """Of a folded word; what is not written in the letters a to z is its own stem."""
    return (_SNOWBALL(word) or word) if _ENGLISH.fullmatch(word) else word
