"""Folding: search, hashtags, muted words and names of people compare folded text, by one table for all scripts.

Folding takes away case, compatibility forms, marks of European letters, strokes and ligatures of Latin ones, and the
points of Arabic and Hebrew. A mark that makes a letter of its own in Cyrillic (й, ё, ї) stays, and so do the vowel
signs, nuktas, tone and voicing marks of other scripts, and the hamza and madda of Arabic.
"""

import re
import unicodedata
from typing import Final, NewType

from core.text.tables.categories import INVISIBLE, MARKS
from core.text.tables.plain_letters import PLAIN_LETTERS

Word = NewType("Word", str)
"""A folded word."""

_ACCENTS: Final = "\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_HEBREW_POINTS: Final = "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
# Without madda and hamza (U+0653 to U+0655).
_HARAKAT: Final = (
    "\u0610-\u061a\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff"
)
_TATWEEL: Final = "\u0640"
_POINTS: Final = re.compile(f"[{_ACCENTS}{_HEBREW_POINTS}{_HARAKAT}]+")
_UNSEEN: Final = re.compile(f"[{INVISIBLE}{_TATWEEL}]+")
# Letters of Cyrillic alphabets that Unicode decomposes. A grave accent marks stress alone.
_CYRILLIC_LETTERS: Final = (
    "\u0403\u0407\u040c\u040e\u0419\u0439\u0401\u0451\u0453\u0457\u045c\u045e\u04c1\u04c2\u04d0-\u04d3\u04d6\u04d7"
    "\u04da-\u04df\u04e2-\u04e7\u04ea-\u04f5\u04f8\u04f9"
)
_OTHERS: Final = re.compile(f"[^{_CYRILLIC_LETTERS}]+")
# Unicode's stream-safe format (UAX #15, 13): no language needs more, and normalization takes time quadratic in the
# length of a run. The two voicing marks of narrow katakana become marks in folding.
_RUN_OF_MARKS: Final = re.compile(rf"([{MARKS}\uff9e\uff9f]{{30}})[{MARKS}\uff9e\uff9f]+")
_APOSTROPHES: Final = dict.fromkeys(map(ord, "\u2018\u2019\u02bb\u02bc"), "'")
_SPELLINGS: Final = PLAIN_LETTERS | _APOSTROPHES
_ASCII_WORD = re.compile(r"\w++(?:'\w++)*+", re.ASCII)
_WORD = re.compile(rf"[\w{MARKS}]++(?:'[\w{MARKS}]++)*+")


def fold(text: str) -> str:
    """NFKC, casefolded, in plain letters, apostrophes straight. Folding again changes nothing."""
    if text.isascii():
        return text.lower()
    seen = _shortened(_UNSEEN.sub("", text))
    # Compatibility forms hide capitals and marks, so that both go a second time.
    letters = unicodedata.normalize("NFKC", unicodedata.normalize("NFC", seen).casefold()).casefold()
    plain = _OTHERS.sub(_without_points, unicodedata.normalize("NFC", letters))
    return unicodedata.normalize("NFKC", plain.translate(_SPELLINGS))


def words(text: str) -> list[Word]:
    """The folded words in text order: runs of letters, digits, marks and underscores, apostrophes inside."""
    folded = fold(text)
    return (_ASCII_WORD if folded.isascii() else _WORD).findall(folded)


def tag_key(tag: str) -> str:
    """Equal for spellings of one hashtag, given without its sign: #Café, #CAFE and #ｃａｆé."""
    return fold(tag)


def _without_points(found: re.Match[str]) -> str:
    if found[0].isascii():
        return found[0]
    return _shortened(_POINTS.sub("", unicodedata.normalize("NFKD", found[0])))


def _shortened(text: str) -> str:
    return _RUN_OF_MARKS.sub(r"\1", text)
