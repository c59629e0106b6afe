"""Folding, hashtag keys, and muted words."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.fold import fold, muted_matcher, tag_key, words

MIXED = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("aéÅßİıﬁςΣйがガｶﾞ'’ʼ_7²हि\u0301\u200d\ufe0f ")))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Hello, WORLD_7!", "hello, world_7!"),
        ("Café ÀÉÎÕÜ Åse Żółć", "cafe aeiou ase zołc"),
        ("Straße ẞ", "strasse ss"),
        ("İstanbul IĞDIR", "istanbul igdir"),
        ("ΆΝΘΡΩΠΟΣ άνθρωπος", "ανθρωποσ ανθρωποσ"),
        ("Ёлка Йод", "елка иод"),
        ("ﬁne ｆｕｌｌ Ｗｉｄｔｈ ①②", "fine full width 12"),
        ("don’t donʼt don't", "don't don't don't"),
        ("x\u0301\u0323\u0489", "x\u0489"),
        ("so\u00adft می\u200cخواهم", "soft میخواهم"),
        ("☕\ufe0f", "☕"),
    ],
)
def test_case_compatibility_forms_and_accents_fold_away(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("हिन्दी शक्ति", id="Devanagari vowel signs and viramas"),
        pytest.param("தமிழ் বাংলা", id="Tamil and Bengali"),
        pytest.param("ที่นี่", id="Thai vowels and tones"),
        pytest.param("ガス が ぱ", id="Japanese voicing"),
        pytest.param("أحمد آية", id="Arabic hamza and madda"),
        pytest.param("한국어", id="Korean syllables"),
    ],
)
def test_marks_that_belong_to_letters_stay(text: str) -> None:
    assert fold(text) == text


def test_narrow_katakana_is_wide_katakana() -> None:
    assert fold("ｶﾞｽ") == "ガス"
    assert fold("か\u3099") == "が"


@given(MIXED)
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(MIXED)
def test_normal_forms_fold_alike(text: str) -> None:
    assert {fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")} == {fold(text)}


@given(MIXED.filter(lambda text: "ı" not in text))
def test_case_makes_no_difference_but_for_the_dotless_i(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@pytest.mark.parametrize("unit", ["\u0315\u0300", "\u064b\u0650", "\uff9e\u3099\u302a", "\u0f73\u0f74", "é", "'", "a'"])
def test_folding_hostile_texts_takes_no_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    began = time.perf_counter()
    assert fold(fold(text)) == fold(text)
    words(text)
    # Sorting the marks of the first ones as one run would take many seconds.
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("... !? — 😀 ☕\ufe0f", []),
        ("Rooks, crows & ravens!", ["rooks", "crows", "ravens"]),
        ("snake_case 3rd x2", ["snake_case", "3rd", "x2"]),
        ("don't DON’T rock'n'roll", ["don't", "don't", "rock'n'roll"]),
        ("'quoted' ’tis dogs' a''b", ["quoted", "tis", "dogs", "a", "b"]),
        ("e-mail foo.bar a/b", ["e", "mail", "foo", "bar", "a", "b"]),
        ("@alice #Été https://x.de", ["alice", "ete", "https", "x", "de"]),
        ("हिन्दी में लिखो", ["हिन्दी", "में", "लिखो"]),
        ("雨が降る。鳥", ["雨が降る", "鳥"]),
        ("H₂O ½ ™ 1\ufe0f\u20e3", ["h2o", "1", "2", "tm", "1"]),
    ],
)
def test_words_are_runs_of_letters_digits_marks_and_underscores(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(MIXED)
def test_words_are_folded_and_whole(text: str) -> None:
    found = words(text)
    assert [words(word) for word in found] == [[word] for word in found]
    assert words(" ".join(found)) == found


def test_hashtags_are_one_whatever_case_width_and_accents() -> None:
    assert tag_key("Café") == tag_key("CAFE") == tag_key("ｃａｆé") == tag_key("cafe\u0301") == "cafe"
    assert tag_key("ハス") != tag_key("バス")


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
        ("#rook pie", "one rook, pie"),
        ("@alice", "thanks @ALICE!"),
        ("@alice smith", "by Alice Smith"),
        ("雨", "雨 雨"),
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
        ("@", "@ @a"),
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
