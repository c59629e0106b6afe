"""Prefixes for finding people while typing: prefixes of the handle and of each word of the name.

In scripts without spaces between words, a word may begin at any character.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from core.errors import BadInputError
from core.text.fold import words
from core.text.terms import split_word
from core.text.text import handle_key

LONGEST_TYPED: Final = 280
MOST_WORDS: Final = 20
LONGEST_PREFIX: Final = 8
"""Length of indexed prefixes; longer ones are checked against the names."""

_NO_TEXT: Final = re.compile("[\u0000\ud800-\udfff]")


def typed_words(typed: str) -> list[str]:
    """Folded words without duplicates. Raises BadInputError for no words, or too many."""
    if len(typed) > LONGEST_TYPED:
        raise BadInputError(f"A search has {LONGEST_TYPED} characters at most, this one {len(typed)}.")
    if _NO_TEXT.search(typed):
        raise BadInputError("There is a character in the search that no text may have.")
    found = list(dict.fromkeys(str(word) for word in words(typed)))
    if not found:
        raise BadInputError("The search is empty: there is no word in it.")
    if len(found) > MOST_WORDS:
        raise BadInputError(f"A search has {MOST_WORDS} words at most, this one {len(found)}.")
    return found


def name_words(handle: str, name: str) -> list[str]:
    """The words of a person whose prefixes are searched."""
    return list(dict.fromkeys([handle_key(handle), *_words_of(name)]))


def prefixes(found: Iterable[str]) -> list[str]:
    """The indexed prefixes, without duplicates, as they are stored."""
    return list(
        dict.fromkeys(word[:length] for word in found for length in range(1, min(len(word), LONGEST_PREFIX) + 1))
    )


def index_prefix(typed: str) -> str:
    """The indexed prefix to look up for a typed word."""
    return typed[:LONGEST_PREFIX]


def is_named(found: Sequence[str], typed: Sequence[str]) -> bool:
    """Whether each typed word is a prefix of one of the person's words."""
    return all(any(word.startswith(part) for word in found) for part in typed)


def _words_of(name: str) -> Iterator[str]:
    """Each word, and each end of it that begins where a piece begins."""
    for word in words(name):
        begin = 0
        for piece in split_word(word):
            yield word[begin:]
            begin += len(piece)
