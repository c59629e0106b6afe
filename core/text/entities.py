"""Mentions, hashtags and links of a tweet, as twitter-text 3.1 extracts them.

Offsets count code points, end exclusive; the entities of a text never overlap.
"""

import re
from typing import Final

import msgspec

from core.text.tables.categories import MARKS, NUMERALS
from core.text.urls import ACCENTED_LATIN, AT_SIGNS, HASH_SIGNS, Url, find_urls

__all__ = ["Entities", "HashtagEntity", "Mention", "Url", "extract_entities", "is_tag"]

# twitter-text allows these in a hashtag besides letters, marks, digits and the underscore: joiners of Persian and
# Indic scripts, and punctuation that belongs to words in Hebrew, Tibetan, Catalan, Cyrillic and Japanese.
_WITHIN_TAG: Final = "\u00b7\u05be\u05f3\u05f4\u0f0b\u0f0c\u200c\u200d\u3003\u301c\u309b\u309c\u30a0\u30fb\ua67e\uff5e"
_TAG = rf"(?:[^\W{NUMERALS}]|[{MARKS}{_WITHIN_TAG}])++"
_SIGN = rf"[{HASH_SIGNS}]"
# An emoji's variation selector is a mark, but ends no word.
_NOT_AFTER_WORD = rf"(?:(?<![&\w{MARKS}{_WITHIN_TAG}]{_SIGN})|(?<=[{NUMERALS}\ufe0e\ufe0f]{_SIGN}))"
_HASHTAG = re.compile(rf"{_SIGN}{_NOT_AFTER_WORD}(?![\ufe0f\u20e3])(?P<tag>{_TAG})(?!{_SIGN}|://)")
_WHOLE_TAG = re.compile(_TAG)
_LETTER_OR_MARK = re.compile(rf"[^\W\d_{NUMERALS}]|[{MARKS}]")

_AT = rf"[{AT_SIGNS}]"
_RETWEETED = rf"(?<=(?<![0-9A-Za-z_+~.\-])[Rr][Tt]{_AT})"
# Twenty, though handles have fifteen at most: a longer run must not mention the owner of its first characters.
_MENTION = re.compile(
    rf"{_AT}(?:(?<![0-9A-Za-z_!#$%&*{AT_SIGNS}]{_AT})|{_RETWEETED})"
    r"(?P<handle>[0-9A-Za-z_]{1,20}+)(?P<list>/[A-Za-z][-0-9A-Za-z_]{0,24}+)?+"
    rf"(?![{AT_SIGNS}{ACCENTED_LATIN}]|://)"
)


class Mention(msgspec.Struct, frozen=True, array_like=True):
    """`handle` as written, without the @."""

    handle: str
    start: int
    end: int


class HashtagEntity(msgspec.Struct, frozen=True, array_like=True):
    """`tag` as written, without the #."""

    tag: str
    start: int
    end: int


class Entities(msgspec.Struct, frozen=True, array_like=True):
    """Entities of a text, each kind in text order."""

    mentions: tuple[Mention, ...] = ()
    hashtags: tuple[HashtagEntity, ...] = ()
    urls: tuple[Url, ...] = ()


_NOTHING: Final = Entities()


def extract_entities(text: str) -> Entities:
    """Entities of a text in NFC. A list (`@handle/list`) is no mention."""
    mentions = _find_mentions(text)
    hashtags = _find_hashtags(text)
    urls = find_urls(text)
    if urls and (mentions or hashtags):
        return _disjoint([*mentions, *hashtags, *urls])
    if not (urls or mentions or hashtags):
        return _NOTHING
    return Entities(tuple(mentions), tuple(hashtags), tuple(urls))


def is_tag(text: str) -> bool:
    """Whether the whole text, without #, could be a hashtag."""
    return bool(_WHOLE_TAG.fullmatch(text) and _LETTER_OR_MARK.search(text))


def _find_mentions(text: str) -> list[Mention]:
    if not any(sign in text for sign in AT_SIGNS):
        return []
    return [Mention(found["handle"], *found.span()) for found in _MENTION.finditer(text) if not found["list"]]


def _find_hashtags(text: str) -> list[HashtagEntity]:
    if not any(sign in text for sign in HASH_SIGNS):
        return []
    found = _HASHTAG.finditer(text)
    return [HashtagEntity(tag["tag"], *tag.span()) for tag in found if _LETTER_OR_MARK.search(tag["tag"])]


def _disjoint(entities: list[Mention | HashtagEntity | Url]) -> Entities:
    """Removes overlaps: where a link and another entity overlap, the first to begin stays."""
    kept: list[Mention | HashtagEntity | Url] = []
    for entity in sorted(entities, key=lambda entity: entity.start):
        if not kept or entity.start >= kept[-1].end:
            kept.append(entity)
    return Entities(
        tuple(entity for entity in kept if isinstance(entity, Mention)),
        tuple(entity for entity in kept if isinstance(entity, HashtagEntity)),
        tuple(entity for entity in kept if isinstance(entity, Url)),
    )
