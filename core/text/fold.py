"""Folding: search, hashtags and muted words compare folded text.

Folding takes away case, compatibility forms and accents. Accents are the marks that European scripts put on letters;
the vowel signs, nuktas, tone and voicing marks of other scripts are part of the letter and stay.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NewType

from core.text.entities import extract_entities, is_tag
from core.text.tables.categories import MARKS
from core.text.text import handle_key, is_handle
from core.text.urls import AT_SIGNS, HASH_SIGNS

Word = NewType("Word", str)
"""A folded word."""

_ACCENTS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
# Soft hyphen, joiners and variation selectors: invisible, but they would split a word.
_INVISIBLE = "\u00ad\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef"
_DROPPED = re.compile(f"[{_ACCENTS}{_INVISIBLE}]+")
# Unicode's stream-safe format (UAX #15, 13): no language needs more, and normalization takes time quadratic in the
# length of a run. The two voicing marks of narrow katakana become marks in folding.
_RUN_OF_MARKS = re.compile(rf"([{MARKS}\uff9e\uff9f]{{30}})[{MARKS}\uff9e\uff9f]+")
_ASCII_WORD = re.compile(r"\w++(?:'\w++)*+", re.ASCII)
_WORD = re.compile(rf"[\w{MARKS}]++(?:'[\w{MARKS}]++)*+")


def fold(text: str) -> str:
    """NFKC, casefolded, without accents, apostrophes straight. Folding again changes nothing."""
    if text.isascii():
        return text.lower()
    # Compatibility forms hide capitals and accents, so that both go a second time.
    letters = unicodedata.normalize("NFKD", _without_accents(text.casefold()))
    folded = unicodedata.normalize("NFKC", _without_accents(letters.casefold()))
    return folded.replace("\u2019", "'").replace("\u02bc", "'")


def words(text: str) -> list[Word]:
    """The folded words in text order: runs of letters, digits, marks and underscores, apostrophes inside."""
    folded = fold(text)
    return (_ASCII_WORD if folded.isascii() else _WORD).findall(folded)


def tag_key(tag: str) -> str:
    """Equal for spellings of one hashtag, given without its sign: #Café, #CAFE and #ｃａｆé."""
    return fold(tag)


def muted_matcher(entries: Sequence[str]) -> Callable[[str], bool]:
    """A predicate: the text contains one of the muted entries.

    `#tag` and `@handle` match hashtags and mentions only; any other entry matches its words, adjacent and in this
    order. An entry without words, such as an emoji, matches nothing.
    """
    tags, handles, phrases = set(), set(), set()
    for entry in map(str.strip, entries):
        sign, name = entry[:1], entry[1:]
        if sign in tuple(HASH_SIGNS) and is_tag(name):
            tags.add(tag_key(name))
        elif sign in tuple(AT_SIGNS) and is_handle(name):
            handles.add(handle_key(name))
        else:
            phrases.add(tuple(words(entry)))
    return _Muted(
        words=frozenset(phrase[0] for phrase in phrases if len(phrase) == 1),
        phrases=tuple(_spaced(phrase) for phrase in phrases if len(phrase) > 1),
        tags=frozenset(tags),
        handles=frozenset(handles),
    )


@dataclass(frozen=True, slots=True)
class _Muted:
    words: frozenset[Word]
    phrases: tuple[str, ...]
    tags: frozenset[str]
    handles: frozenset[str]

    def __call__(self, text: str) -> bool:
        return self._has_word(text) or self._has_entity(text)

    def _has_word(self, text: str) -> bool:
        if not (self.words or self.phrases):
            return False
        found = words(text)
        if not self.words.isdisjoint(found):
            return True
        line = _spaced(found)
        return any(phrase in line for phrase in self.phrases)

    def _has_entity(self, text: str) -> bool:
        if not (self.tags or self.handles):
            return False
        entities = extract_entities(text)
        return any(tag_key(hashtag.tag) in self.tags for hashtag in entities.hashtags) or any(
            handle_key(mention.handle) in self.handles for mention in entities.mentions
        )


def _spaced(phrase: Sequence[Word]) -> str:
    """Words contain no space, so that a substring test on these strings is a test for a phrase."""
    return f" {' '.join(phrase)} "


def _without_accents(text: str) -> str:
    return _RUN_OF_MARKS.sub(r"\1", _DROPPED.sub("", text))
