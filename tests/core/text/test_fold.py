"""Folding, and hashtag keys."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.fold import fold, tag_key, words

MIXED = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("aéÅßİıﬁςΣйがガｶﾞ'’ʼ_7²हि\u0301\u200d\ufe0f ")))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Hello, WORLD_7!", "hello, world_7!"),
        ("Café ÀÉÎÕÜ Åse Żółć", "cafe aeiou ase zolc"),
        ("Straße ẞ", "strasse ss"),
        ("İstanbul IĞDIR", "istanbul igdir"),
        ("ΆΝΘΡΩΠΟΣ άνθρωπος", "ανθρωποσ ανθρωποσ"),
        ("Ёлка Йод", "ёлка йод"),
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
    ("text", "folded"),
    [
        ("Đà Nẵng", "da nang"),
        ("Łódź Łukasz", "lodz lukasz"),
        ("Sørensen SØRENSEN", "sorensen sorensen"),
        ("Nguyễn Đức", "nguyen duc"),
        ("Þór Ægir", "thor aegir"),
        ("Ħamrun ŧ œuvre", "hamrun t oeuvre"),
        ("ığdır ɓarna", "igdir barna"),
        ("l\u0335o\u0338", "lo"),
        ("Ǿ ǿ", "o o"),
    ],
)
def test_latin_letters_fold_to_their_plain_ones(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Йод Ёлка Їжак Ўсход ЌЕ Ѓ", "йод ёлка їжак ўсход ќе ѓ"),
        ("во\u0301дка е\u0300 ѝ", "водка е и"),
        ("е\u0308\u0301 е\u0301\u0308", "ё е"),
        ("и\u0306 е\u0323\u0308", "й ё"),
        ("Ἀθῆναι ΐ", "αθηναι ι"),
        ("Љ҃ т\u0483", "љ т"),
    ],
)
def test_marks_that_make_a_cyrillic_letter_stay_and_stress_goes(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("مُحَمَّد", "محمد"),
        ("محمــــد", "محمد"),
        ("ٱلرَّحْمَٰنِ", "ٱلرحمن"),
        ("ا\u064e\u0654حمد", "أحمد"),
        ("שָׁלוֹם", "שלום"),
        ("בְּרֵאשִׁ֖ית", "בראשית"),
        ("\ufb2a\ufb4b", "שו"),
    ],
)
def test_points_of_arabic_and_hebrew_fold_away(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    "unseen", ["\u200b", "\u200d", "\u2060", "\u200f", "\u202e", "\u00ad", "\ufeff", "\u3164", "\ufe0f"]
)
def test_an_invisible_character_splits_no_word(unseen: str) -> None:
    assert words(f"ro{unseen}ok {unseen}") == ["rook"]


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


@given(MIXED)
def test_case_makes_no_difference(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@pytest.mark.parametrize("unit", ["\u0315\u0300", "\u064b\u0650", "\uff9e\u3099\u302a", "\u0f73\u0f74", "é", "'", "a'"])
def test_folding_hostile_texts_takes_no_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    began = time.thread_time()
    assert fold(fold(text)) == fold(text)
    words(text)
    # Sorting the marks of the first ones as one run would take many seconds.
    assert time.thread_time() - began < 3


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
