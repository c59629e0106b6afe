"""The generated tables against Python's own Unicode data."""

import re
import sys
import unicodedata

import pytest

from core.text.tables.categories import MARKS, NUMERALS
from core.text.tables.emoji import JOINED, PRESENTED, TONED
from core.text.tables.tlds import ASCII_TLDS, UNICODE_TLDS

TABLE_VERSION = "14.0.0"


@pytest.mark.parametrize(
    ("table", "categories"), [(MARKS, {"Mn", "Mc", "Me"}), (NUMERALS, {"Nl", "No"})], ids=["marks", "numerals"]
)
def test_a_table_of_categories_has_all_their_characters_and_no_others(table: str, categories: set[str]) -> None:
    pattern = re.compile(f"[{table}]")
    everything = map(chr, range(sys.maxunicode + 1))
    wrong = [c for c in everything if bool(pattern.match(c)) is not (unicodedata.category(c) in categories)]
    if unicodedata.unidata_version == TABLE_VERSION:
        assert wrong == []
    else:
        # A newer Python knows characters that the table does not have yet.
        assert not [c for c in wrong if pattern.match(c)]


def test_domains_are_in_lower_case_and_nfc_each_in_its_own_set() -> None:
    assert {"com", "org", "de", "jp", "museum", "onion"} <= ASCII_TLDS
    assert {"рф", "みんな", "中国", "vermögensberatung"} <= UNICODE_TLDS
    assert all(re.fullmatch("[a-z]{2,63}", name) for name in ASCII_TLDS)
    assert all(not name.isascii() and unicodedata.normalize("NFC", name.lower()) == name for name in UNICODE_TLDS)


def test_joined_emoji_are_written_without_what_joins_them() -> None:
    assert re.search("[\u200d\ufe0f\U0001f3fb-\U0001f3ff]", JOINED) is None
    assert all(len(sequence) >= 2 for sequence in JOINED.split())


def test_letters_and_digits_are_no_emoji() -> None:
    assert re.findall(f"[{PRESENTED}{TONED}]", "".join(map(chr, range(0x2000)))) == ["©", "®"]
