"""Muted words: which entries are taken, and what text they match."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.fold import words
from core.text.muted_words import clean_entry, muted_matcher
from tests.core.text.refusals import code_of, refused


@pytest.mark.parametrize(
    "raw", ["rook", "C++", "and/or", "#1", "#tag", "@bob", "猫", "می\u200cخواهم", "new\u00a0york", "½"]
)
def test_an_entry_with_a_letter_or_digit_is_kept(raw: str) -> None:
    assert clean_entry(f" {raw} ") == raw


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        *refused("INVALID", "", "  ", "++", "😀", "___", "#", "\u3164", "\u200b", "ـــ", "a\nb", "a\u0000"),
        *refused("TOO_LONG", "a" * 101),
    ],
)
def test_an_entry_without_letter_or_digit_is_refused(raw: str, code: str) -> None:
    assert code_of(clean_entry, raw) == code


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("rook", "A Rook!"),
        ("Café", "no cafe today"),
        ("cafe", "CAFÉ?"),
        ("rook", "look: #rook"),
        ("rook", "by @rook"),
        ("don't", "please DON’T"),
        ("new york", "in New  York, tonight"),
        ("new york", "new-york"),
        (" New York ", "#new york"),
        ("#rook", "my #Rook"),
        ("#café", "#CAFE"),
        ("＃rook", "#rook"),
        ("#rook pie", "one #Rook  pie"),
        ("@alice", "thanks @ALICE!"),
        ("@alice smith", "by @Alice Smith"),
        ("雨", "雨 雨"),
        ("猫", "私の猫です"),
        ("東京", "東京タワーへ"),
        ("แมว", "ฉันรักแมว"),
        ("iphone", "iPhoneを買う"),
        ("ｱｲｽ", "アイスクリーム"),
        ("東京 タワー", "東京タワーへ"),
        ("ລາວ", "ຂ້ອຍຮັກລາວ"),
        ("ភាសា", "ខ្ញុំរៀនភាសាខ្មែរ"),
        ("မြန်မာ", "ကျွန်တော်မြန်မာပါ"),
        ("한국", "한국 사람"),
        ("24/7", "open 24/7!"),
        ("P!nk", "P!nk sings"),
        ("Ke$ha", "hear ke$ha"),
        ("node.js", "I like Node.js."),
        ("C++", "I write c++!"),
        ("c++", "C++/C#"),
        ("C#", "C#をやる"),
        ("C＋＋", "c++"),
        ("and/or", "rain AND/OR sun"),
        (".NET", "on .net, today"),
        ("R&D", "our r&d team"),
        ("e-mail", "an e–mail"),
        ("rock & roll", "Rock  &\nRoll"),
        ("#1", "we are #1!"),
        ("“new york”", "to New York"),
        ("'rook'", "a rook"),
        ("rook", "ro\u200bok"),
        ("lodz", "Łódź"),
        ("محمد", "مُحَمَّد"),
    ],
)
def test_a_muted_entry_catches(entry: str, text: str) -> None:
    assert muted_matcher([entry])(text)


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("rook", "rooks brook rook's rook_7"),
        ("new york", "york new"),
        ("new york", "new in york"),
        ("new york", "renew york new yorker"),
        ("#rook", "rook"),
        ("#rook", "a#rook #rooks &#rook example.org/#rook"),
        ("#42", "41"),
        ("@alice", "alice"),
        ("@alice", "@alice_2 bob@alice alice@example.org"),
        ("", "anything"),
        ("  ", "anything at all"),
        ("😀", "😀"),
        ("#", "# #a"),
        ("C++", "vitamin c helps"),
        ("C++", "c+ c+++ c + + C++17"),
        ("C+", "C++"),
        ("C#", "vitamin c, c#minor #c"),
        ("and/or", "rain and or sun"),
        ("and/or", "and / or"),
        (".NET", "example.net net"),
        ("#1", "1 #12 a#1"),
        ("#rook pie", "one rook, pie"),
        ("@alice smith", "by Alice Smith"),
        ("猫", "貓 ネコ"),
        ("京東", "東京"),
        ("iphone", "iphones"),
        ("@", "@ @a"),
        ("한국", "한국은"),
        ("F#", "f minor"),
        ("24/7", "24 7"),
        ("P!nk", "p nk"),
        ("node.js", "node js"),
    ],
)
def test_a_muted_entry_lets_pass(entry: str, text: str) -> None:
    assert not muted_matcher([entry])(text)


def test_any_of_the_entries_is_enough_and_none_catch_nothing() -> None:
    matches = muted_matcher(["rook", "new york", "#pie", "@alice"])
    assert [matches(text) for text in ("a rook", "to new york", "#pie", "@alice", "crow in york, pie by alice")] == [
        True,
        True,
        True,
        True,
        False,
    ]
    assert not muted_matcher([])("rook")


LETTERS = st.text(alphabet="abÀ", min_size=1, max_size=3)
LINES = st.lists(LETTERS, max_size=8)


@given(st.lists(st.lists(LETTERS, min_size=1, max_size=3).map(" ".join), max_size=3), LINES.map(" ".join))
def test_phrases_match_as_by_comparing_every_run_of_words(entries: list[str], text: str) -> None:
    line = words(text)
    runs = [line[start:end] for start in range(len(line)) for end in range(start + 1, len(line) + 1)]
    assert muted_matcher(entries)(text) is any(words(entry) in runs for entry in entries)
