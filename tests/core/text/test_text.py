"""Validation of tweets and hashtags, and properties of all validators."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.text import (
    TextError,
    clean_alt_text,
    clean_bio,
    clean_email,
    clean_handle,
    clean_name,
    clean_password,
    clean_tag,
    clean_tweet_text,
)
from core.text.weight import weighted_length
from tests.core.text.refusals import Clean, code_of, refused

EVERY_CLEAN: list[Clean] = [
    clean_alt_text,
    clean_bio,
    clean_email,
    clean_handle,
    clean_name,
    clean_password,
    clean_tag,
    clean_tweet_text,
]


@pytest.mark.parametrize("clean", EVERY_CLEAN)
@pytest.mark.parametrize("character", [chr(0), chr(0xD800), chr(0xDFFF), chr(0xDBFF) + chr(0xDC00)])
def test_nul_and_lone_surrogates_are_refused_everywhere(clean: Clean, character: str) -> None:
    assert code_of(clean, f"alice{character}smith") == "INVALID"


@pytest.mark.parametrize(
    "text", ["hello", "  two  spaces ", "line\nbreak\ttab", "\u2066isolated\u2069", "\x07bell", "😀"]
)
def test_a_tweet_keeps_its_text(text: str) -> None:
    assert clean_tweet_text(text) == text


def test_a_tweet_is_stored_in_nfc() -> None:
    assert clean_tweet_text("Cafe\u0301 \u1112\u1161\u11ab") == "Caf\u00e9 \ud55c"


@pytest.mark.parametrize("text", ["", " ", "\n\t \u3000\u00a0", "a\ufeff", "a\ufffe", "a\uffffb"])
def test_a_tweet_without_text_or_with_forbidden_characters_is_invalid(text: str) -> None:
    assert code_of(clean_tweet_text, text) == "INVALID"


@pytest.mark.parametrize(
    "text",
    [
        "a" * 280,
        "é" * 280,
        "e\u0301" * 280,
        "雨" * 140,
        "👨\u200d👩\u200d👧\u200d👦" * 140,
        "https://example.org/" + "a" * 500 + " " + "b" * 256,
    ],
)
def test_a_tweet_of_280_is_taken_and_one_more_is_too_long(text: str) -> None:
    assert weighted_length(clean_tweet_text(text)) == 280
    assert code_of(clean_tweet_text, text + "!") == "TOO_LONG"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a" * 278 + "\r\nb", "a" * 278 + "\nb"),
        ("a\rb", "a\nb"),
        ("\r\n\r\na\n\r", "\n\na\n\n"),
        ("a\u2028b\u0085c", "a\u2028b\u0085c"),
    ],
)
def test_a_line_of_a_tweet_ends_in_lf(raw: str, text: str) -> None:
    assert clean_tweet_text(raw) == text


@pytest.mark.parametrize("raw", ["\u200b", "\u2060\r\n", " \u3164 ", "\u2800" * 9, "\u180e", "\u00ad\u200d"])
def test_a_tweet_that_shows_nothing_is_invalid(raw: str) -> None:
    assert code_of(clean_tweet_text, raw) == "INVALID"


def test_a_refusal_tells_the_weight() -> None:
    with pytest.raises(TextError, match=r"^A tweet weighs 280 characters at most, this one 282\.$"):
        clean_tweet_text("雨" * 141)


@pytest.mark.parametrize("clean", EVERY_CLEAN)
@pytest.mark.parametrize("unit", ["\u0315\u0300", "\u064b\u0650", "a\u0315\u0300", "a.co/", "👨\u200d", "雨"])
def test_hostile_lengths_are_refused_at_once(clean: Clean, unit: str) -> None:
    raw = unit * (100_000 // len(unit))
    began = time.thread_time()
    assert code_of(clean, raw) in {"INVALID", "TOO_LONG"}
    # Sorting the marks of the first would take many seconds.
    assert time.thread_time() - began < 3


@pytest.mark.parametrize(
    ("raw", "tag"),
    [
        ("rooks", "rooks"),
        ("#Rooks", "Rooks"),
        (" \uff03雨 ", "雨"),
        ("cafe\u0301", "caf\u00e9"),
        ("#" + "a" * 279, "a" * 279),
    ],
)
def test_a_tag_goes_without_its_sign(raw: str, tag: str) -> None:
    assert clean_tag(raw) == tag


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        *refused("INVALID", "", "#", "##a", "42", "two words"),
        *refused("TOO_LONG", "a" * 280, "a" * 2800),
    ],
)
def test_what_is_no_tag_is_refused(raw: str, code: str) -> None:
    assert code_of(clean_tag, raw) == code


@given(st.sampled_from(EVERY_CLEAN), st.text(alphabet=st.characters()))
def test_what_is_taken_stays_the_same_when_cleaned_again(clean: Clean, raw: str) -> None:
    try:
        text = clean(raw)
    except TextError:
        return
    assert clean(text) == text


@given(st.text(min_size=1))
def test_a_tweet_that_is_taken_is_nfc_and_weighs_1_to_280(raw: str) -> None:
    try:
        text = clean_tweet_text(raw)
    except TextError:
        return
    assert text == unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    assert 1 <= weighted_length(text) <= 280
