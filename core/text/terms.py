"""What a tweet is found by: terms of several kinds in one set. A word is its stem; every other kind has a sign in it.

Scripts that set no spaces between words are cut into single characters; pairs of neighbours are terms too, so that what
is looked for is part of few tweets. The same functions serve what is stored and what is asked.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Final

from core.text.fold import fold, words
from core.text.stems import stem

# Thai, Lao, Burmese, Khmer; Japanese and Chinese: iteration marks and zero, kana, bopomofo, ideographs.
UNSPACED: Final = (
    "\u0e01-\u0e7f\u0e81-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u3005-\u3007\u3041-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_PIECE: Final = re.compile(f"[{UNSPACED}]|[^{UNSPACED}]+")
_CHARACTER: Final = re.compile(f"[{UNSPACED}]")
_BEFORE_HOST: Final = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)
_AFTER_HOST: Final = re.compile(r"[:/?#].*", re.DOTALL)


class Role(StrEnum):
    """What somebody has to do with a tweet."""

    AUTHOR = "from"
    ANSWERED = "to"
    MENTIONED = "mentions"


class Trait(StrEnum):
    """What a tweet has or is."""

    LINKS = "has:links"
    MENTIONS = "has:mentions"
    HASHTAGS = "has:hashtags"
    REPLY = "is:reply"
    QUOTE = "is:quote"


def tokens(text: str) -> list[str]:
    """The stems of the words in their order; of scripts without spaces each character."""
    return [stem(piece) for word in words(text) for piece in _pieces(word)]


def text_terms(found: Sequence[str]) -> list[str]:
    """The terms of tokens that follow each other, each once: themselves, and pairs in scripts without spaces."""
    pairs = (one + other for one, other in pairwise(found) if _CHARACTER.fullmatch(one) and _CHARACTER.fullmatch(other))
    return list(dict.fromkeys([*found, *pairs]))


def tag_term(tag_key: str) -> str:
    return f"#{tag_key}"


def handle_term(handle_key: str) -> str:
    return f"@{handle_key}"


def person_term(role: Role, user_id: int) -> str:
    """0 is nobody's id, and no tweet has such a term."""
    return f"{role}:{user_id}"


def lang_term(lang: str) -> str:
    """Of the language alone, wherever it is spoken."""
    return f"lang:{fold(lang).split('-')[0]}"


def host_term(url: str) -> str:
    """Of a host, or of a link to it; whether www stands before it makes no difference."""
    return f"url:{fold(_AFTER_HOST.sub('', _BEFORE_HOST.sub('', url)))}"


def _pieces(word: str) -> list[str]:
    return [word] if word.isascii() else _PIECE.findall(word)
