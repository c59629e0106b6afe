"""The weight of scripts, links and emoji."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.tables.emoji import FLAGS, JOINED
from core.text.weight import weighted_length

PLAIN = st.text(alphabet=[c for c in string.printable if c != "."] + list("äéîøßŁğжقגक"))
FAMILY = "👨\u200d👩\u200d👧\u200d👦"


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("hello", 5),
        ("line\nbreak", 10),
        ("ÄÖÜ ŁÓDŹ жук שלום سلام नमस्ते", 29),
        ("ⴰ", 2),
        ("\u10ff\u1100", 3),
        ("\u1fff\u2000\u200d\u200e\u200f\u2010\u201f\u2020\u2031\u2032\u2037\u2038", 18),
        ("雨", 2),
        ("こんにちは", 10),
        ("한국", 4),
        ("\u1112\u1161\u11ab", 2),
        ("𐐀", 2),
        ("e\u0301", 1),
        ("x\u0301", 2),
        ("\ufb2c", 3),
    ],
)
def test_scripts_weigh_one_or_two_after_nfc(text: str, weight: int) -> None:
    assert weighted_length(text) == weight


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("http://x.de", 23),
        ("https://example.org/" + "long/" * 50, 23),
        ("see example.org, then t.co/x.", 4 + 23 + 7 + 23 + 1),
        ("日example.org日", 2 + 23 + 2),
        ("https://☃.net/雨", 23 + 2),
        ("https://例え.みんな", 23),
        ("alice@example.org", 17),
        ("sub_domain.example.com", 4 + 23),
        ("b.co_d.example.com", 23 + 1 + 23),
        ("https://sub_domain.example.com", 23),
        (f"http://{'a' * 64}.org", 75),
    ],
)
def test_a_link_weighs_23(text: str, weight: int) -> None:
    assert weighted_length(text) == weight


@pytest.mark.parametrize(
    "emoji",
    [
        *("😀", "☺", "☺\ufe0f", "❤\ufe0f", "™\ufe0f", "©\ufe0f", "⌚\ufe0f"),
        *("👍🏽", "✌🏿", "☝\ufe0f🏻", "🕵\ufe0f", "🧑🏿"),
        *("1\ufe0f\u20e3", "#\u20e3", "*\ufe0f\u20e3"),
        *("🇩🇪", "🇺🇳", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"),
        *(
            FAMILY,
            "👩🏽\u200d🚀",
            "🏃🏻\u200d♀\ufe0f\u200d➡\ufe0f",
            "🧑🏻\u200d🤝\u200d🧑🏿",
            "❤\ufe0f\u200d🔥",
            "🏳\ufe0f\u200d🌈",
        ),
        *("👁\ufe0f\u200d🗨\ufe0f", "🫱🏻\u200d🫲🏿", "🙂\u200d↕\ufe0f", "🐦\u200d🔥"),
    ],
)
def test_an_emoji_weighs_2_whatever_makes_it_up(emoji: str) -> None:
    assert weighted_length(emoji) == 2
    assert weighted_length(f"a{emoji}{emoji}雨") == 1 + 2 + 2 + 2


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        pytest.param("©", 1, id="a sign that is no emoji by itself"),
        pytest.param("a\ufe0f", 3, id="a letter with a variation selector"),
        pytest.param("☺\ufe0e", 4, id="asked to be text"),
        pytest.param("🐱\u200d🚀", 5, id="joined to nothing known"),
        pytest.param("👩\u200d🚀\u200d🚀", 5, id="one joined too many"),
        pytest.param("🇩", 2, id="half a flag"),
        pytest.param("🇦🇦", 4, id="no country"),
        pytest.param("🏽", 2, id="a skin tone alone"),
        pytest.param("🌧🏽", 4, id="a skin tone on what has no skin"),
        pytest.param("12\u20e3", 3, id="a keycap takes one digit"),
    ],
)
def test_what_makes_no_emoji_is_counted_by_character(text: str, weight: int) -> None:
    assert weighted_length(text) == weight


def test_every_joined_emoji_and_flag_weighs_2() -> None:
    joined = ["\u200d".join(sequence) for sequence in JOINED.split()]
    flags = [
        "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in first + second)
        for first, seconds in (entry.split(":") for entry in FLAGS.split())
        for second in seconds
    ]
    assert {text: weighted_length(text) for text in joined + flags} == dict.fromkeys(joined + flags, 2)


@given(PLAIN, PLAIN)
def test_weights_of_plain_texts_add_up(one: str, other: str) -> None:
    assert weighted_length(one) == len(one)
    assert weighted_length(one + other) == weighted_length(one) + weighted_length(other)


@given(st.text(), st.text())
def test_a_line_break_keeps_weights_apart(one: str, other: str) -> None:
    assert weighted_length(f"{one}\n{other}") == weighted_length(one) + 1 + weighted_length(other)


@given(st.text())
def test_without_links_a_text_weighs_at_most_twice_its_characters(text: str) -> None:
    plain = text.replace(".", "")
    assert weighted_length(plain) <= 2 * len(unicodedata.normalize("NFC", plain))
