"""Index terms of tweets, several kinds in one set. A word's term is its stem; every other kind contains a sign.

Scripts without spaces between words are cut into single characters; pairs of neighbours are terms too, so that a term
matches few tweets. The same functions make the terms of stored tweets and of queries.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Final

from core.text.fold import fold, words
from core.text.languages import canonical_language
from core.text.stems import STEMMER_VERSION, stem

TERMS_VERSION: Final = f"4, Snowball {STEMMER_VERSION}"
"""Changes when the terms of some text do. Stored terms of another version are made anew."""

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


class TermRole(StrEnum):
    """A user's relation to a tweet."""

    AUTHOR = "from"
    ANSWERED = "to"
    MENTIONED = "mentions"


class Trait(StrEnum):
    """A property of a tweet."""

    LINKS = "has:links"
    MENTIONS = "has:mentions"
    HASHTAGS = "has:hashtags"
    MEDIA = "has:media"
    IMAGES = "has:images"
    REPLY = "is:reply"
    QUOTE = "is:quote"


def pieces(text: str) -> list[str]:
    """The words in text order; in scripts without spaces, the characters."""
    return [piece for word in words(text) for piece in split_word(word)]


def tokens(text: str) -> list[str]:
    """The stems of the pieces of a text."""
    return list(map(stem, pieces(text)))


def split_word(word: str) -> list[str]:
    return [word] if word.isascii() else _PIECE.findall(word)


def text_terms(found: Sequence[str]) -> list[str]:
    """The terms of consecutive tokens, without duplicates: the tokens, and pairs in scripts without spaces."""
    pairs = (one + other for one, other in pairwise(found) if _CHARACTER.fullmatch(one) and _CHARACTER.fullmatch(other))
    return list(dict.fromkeys([*found, *pairs]))


def tag_term(tag_key: str) -> str:
    return f"#{tag_key}"


def handle_term(handle_key: str) -> str:
    return f"@{handle_key}"


def person_term(role: TermRole, user_id: int) -> str:
    """0 is no user's id: no tweet has its term."""
    return f"{role}:{user_id}"


def lang_term(lang: str) -> str:
    """The language without its region, by the code that tweets have: `nb` and `nn` are `no`."""
    return f"lang:{canonical_language(fold(lang).split('-')[0])}"


def host_term(url: str) -> str:
    """The term of a host or of a link to it; a leading www is ignored."""
    return f"url:{fold(_AFTER_HOST.sub('', _BEFORE_HOST.sub('', url)))}"
