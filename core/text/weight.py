"""The weight of a tweet by twitter-text's third configuration: characters of European, African and Western Asian
scripts weigh 1 and all others 2, an emoji 2 however many characters compose it, a link 23.
"""

import re
import unicodedata
from typing import Final

from core.text.tables.emoji import FLAGS, JOINED, PRESENTED, TONED
from core.text.urls import find_urls

URL_WEIGHT: Final = 23

_HEAVY = re.compile("[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_TONES: Final = "\U0001f3fb-\U0001f3ff"
# Every emoji of several characters contains one of these.
_COMPOSING = re.compile(f"[\u200d\u20e3\ufe0f{_TONES}\U0001f1e6-\U0001f1ff\U000e007f]")
_A_HEAVY_CHARACTER: Final = "\U0001f600"


def weighted_length(text: str) -> int:
    """The weight of a text after NFC; linear in its length, except for NFC itself."""
    text = unicodedata.normalize("NFC", text)
    weight = position = 0
    for url in find_urls(text):
        weight += _weight_without_links(text[position : url.start]) + URL_WEIGHT
        position = url.end
    return weight + _weight_without_links(text[position:])


def _weight_without_links(text: str) -> int:
    if text.isascii():
        return len(text)
    if _COMPOSING.search(text):
        text = _EMOJI.sub(_A_HEAVY_CHARACTER, text)
    return len(text) + len(_HEAVY.findall(text))


def _joined_emoji() -> str:
    """Matches the longest sequence that is one emoji; emoji joined at random are counted one by one."""
    longest_first = sorted(JOINED.split(), key=lambda sequence: (-len(sequence), sequence))
    return "|".join("\u200d".join(f"{emoji}[{_TONES}]?\ufe0f?" for emoji in sequence) for sequence in longest_first)


def _flags() -> str:
    by_first_letter = (letters.split(":") for letters in FLAGS.split())
    return "|".join(f"{_regional(first)}[{_regional(second)}]" for first, second in by_first_letter)


def _regional(letters: str) -> str:
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in letters)


def _subdivision_flags() -> str:
    """England, Scotland and Wales: a black flag, their codes in tag characters, and the tag that ends them."""
    codes = ("".join(chr(0xE0000 + ord(letter)) for letter in code) for code in ("gbeng", "gbsct", "gbwls"))
    return f"\U0001f3f4(?:{'|'.join(codes)})\U000e007f"


_EMOJI = re.compile(
    f"[0-9#*]\ufe0f?\u20e3|{_flags()}|{_subdivision_flags()}|{_joined_emoji()}"
    f"|[{TONED}]\ufe0f?[{_TONES}]|[{PRESENTED}]\ufe0f"
)
