"""Muted words: what entry a user may set, and whether a text contains one.

Words are those of search: folded, and single characters in scripts without spaces; but no stems. A sign in an entry is
part of it where it stands: `C++` is found in `C++!`, but not in `C`, `C+` or `C++17`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.text.entities import extract_entities, is_tag
from core.text.fold import fold, tag_key
from core.text.signs import DASHES, DOUBLE_QUOTES
from core.text.tables.categories import MARKS
from core.text.terms import UNSPACED, pieces
from core.text.text import TextError, clean_line, handle_key, is_handle
from core.text.urls import AT_SIGNS, HASH_SIGNS

LONGEST_ENTRY: Final = 100

_QUOTES: Final = f"'{DOUBLE_QUOTES}"
_PART: Final = re.compile(rf"(?P<word>[\w{MARKS}]++(?:'[\w{MARKS}]++)*+)|(?P<gap>\s++)|(?P<sign>(.)\4*+)")
_WORD: Final = re.compile(rf"[\w{MARKS}]")
_GAP: Final = "\t"
# A letter or digit of a script with spaces.
_SPELLED: Final = rf"[^\W{UNSPACED}]"
_PLAIN_SIGNS: Final = {**dict.fromkeys(map(ord, DASHES), "-"), **dict.fromkeys(map(ord, DOUBLE_QUOTES), '"')}


def clean_entry(raw: str) -> str:
    """One line with a letter or digit, at most 100 code points, without white space around. Raises TextError."""
    entry = clean_line(raw, LONGEST_ENTRY)
    if not _has_letter_or_digit(fold(entry)):
        raise TextError("INVALID", "A muted entry needs a letter or a digit.")
    return entry


def muted_matcher(entries: Sequence[str]) -> Callable[[str], bool]:
    """A predicate: the text contains one of the muted entries.

    `#tag` and `@handle` match hashtags and mentions only. Any other entry matches its words, adjacent and in this
    order; one with signs matches its words, signs and spaces as they stand. An entry without letters and digits
    matches nothing. Quotes around an entry are not part of it.
    """
    tags, handles, phrases, signed = set(), set(), set(), set()
    for entry in map(str.strip, entries):
        sign, name = entry[:1], entry[1:]
        if sign in tuple(HASH_SIGNS) and is_tag(name):
            tags.add(tag_key(name))
        elif sign in tuple(AT_SIGNS) and is_handle(name):
            handles.add(handle_key(name))
        elif not _has_letter_or_digit(folded := _unquoted(fold(entry))):
            continue
        elif _has_signs(folded):
            signed.add(_signed_pattern(folded))
        else:
            phrases.add(tuple(pieces(folded)))
    return _Muted(
        words=frozenset(phrase[0] for phrase in phrases if len(phrase) == 1),
        phrases=tuple(_spaced(phrase) for phrase in phrases if len(phrase) > 1),
        signed=re.compile("|".join(sorted(signed))) if signed else None,
        tags=frozenset(tags),
        handles=frozenset(handles),
    )


@dataclass(frozen=True, slots=True)
class _Muted:
    words: frozenset[str]
    phrases: tuple[str, ...]
    signed: re.Pattern[str] | None
    tags: frozenset[str]
    handles: frozenset[str]

    def __call__(self, text: str) -> bool:
        return self._has_word(text) or self._has_signed(text) or self._has_entity(text)

    def _has_word(self, text: str) -> bool:
        if not (self.words or self.phrases):
            return False
        found = pieces(text)
        if not self.words.isdisjoint(found):
            return True
        line = _spaced(found)
        return any(phrase in line for phrase in self.phrases)

    def _has_signed(self, text: str) -> bool:
        return self.signed is not None and bool(self.signed.search(_spaced(_parts(fold(text)))))

    def _has_entity(self, text: str) -> bool:
        if not (self.tags or self.handles):
            return False
        entities = extract_entities(text)
        return any(tag_key(hashtag.tag) in self.tags for hashtag in entities.hashtags) or any(
            handle_key(mention.handle) in self.handles for mention in entities.mentions
        )


def _has_letter_or_digit(folded: str) -> bool:
    return any(map(str.isalnum, folded))


def _unquoted(entry: str) -> str:
    while len(entry) > 1 and entry[0] in _QUOTES and entry[-1] in _QUOTES:
        entry = entry[1:-1].strip()
    return entry


def _has_signs(folded: str) -> bool:
    return any(part["sign"] for part in _PART.finditer(folded))


def _signed_pattern(folded: str) -> str:
    """Finds the entry in a spaced line of parts. A sign at an edge of the entry must not touch a word beyond it."""
    parts = list(_parts(folded))
    before = "" if _is_word(parts[0]) else f"(?<!{_SPELLED})"
    after = "" if _is_word(parts[-1]) else f"(?!{_SPELLED})"
    return f"{before}{re.escape(_spaced(parts))}{after}"


def _is_word(part: str) -> bool:
    return bool(_WORD.match(part))


def _parts(folded: str) -> Iterator[str]:
    """Words, runs of one sign, and gaps of white space, in text order."""
    for part in _PART.finditer(folded.translate(_PLAIN_SIGNS)):
        if part["word"]:
            yield from pieces(part["word"])
        else:
            yield _GAP if part["gap"] else part["sign"]


def _spaced(parts: Iterable[str]) -> str:
    """No part contains a space, so that a substring test on these strings is a test for adjacent parts."""
    return f" {' '.join(parts)} "
