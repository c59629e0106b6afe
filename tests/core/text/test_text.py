"""What people may write, what they are refused, and how it is stored."""

import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.text import (
    TextError,
    clean_avatar_url,
    clean_bio,
    clean_email,
    clean_handle,
    clean_name,
    clean_password,
    clean_tag,
    clean_tweet_text,
    email_key,
    handle_key,
    is_handle,
)
from core.text.weight import weighted_length

Clean = Callable[[str], str]
EVERY_CLEAN: list[Clean] = [
    clean_avatar_url,
    clean_bio,
    clean_email,
    clean_handle,
    clean_name,
    clean_password,
    clean_tag,
    clean_tweet_text,
]


def code_of(clean: Clean, raw: str) -> str:
    with pytest.raises(TextError) as caught:
        clean(raw)
    assert caught.value.message == str(caught.value) != ""
    return caught.value.code


def refused(code: str, *raws: str) -> list[tuple[str, str]]:
    return [(raw, code) for raw in raws]


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


def test_a_refusal_tells_the_weight() -> None:
    with pytest.raises(TextError, match=r"^A tweet weighs 280 characters at most, this one 282\.$"):
        clean_tweet_text("雨" * 141)


@pytest.mark.parametrize("clean", EVERY_CLEAN)
@pytest.mark.parametrize("unit", ["\u0315\u0300", "\u064b\u0650", "a\u0315\u0300", "a.co/", "👨\u200d", "雨"])
def test_hostile_lengths_are_refused_at_once(clean: Clean, unit: str) -> None:
    raw = unit * (100_000 // len(unit))
    began = time.perf_counter()
    assert code_of(clean, raw) in {"INVALID", "TOO_LONG"}
    # Sorting the marks of the first would take many seconds.
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize("raw", ["a", "Alice_99", "_", "7", "abcdefghijklmno"])
def test_a_handle_is_kept_as_written(raw: str) -> None:
    assert clean_handle(raw) == raw
    assert is_handle(raw)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        *refused("INVALID", "", "@alice", "al ice", " alice", "alice\n", "al-ice", "älice", "\uff41lice", "alice٣"),
        *refused("TOO_LONG", "abcdefghijklmnop"),
    ],
)
def test_what_is_no_handle_is_refused(raw: str, code: str) -> None:
    assert code_of(clean_handle, raw) == code
    assert not is_handle(raw)


def test_handles_are_one_in_whatever_case_but_only_in_ascii() -> None:
    assert handle_key("Alice_99") == handle_key("aLICE_99") == "alice_99"
    # The Kelvin sign is a K in lower case.
    assert handle_key("\u212aelvin") != handle_key("Kelvin")


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Alice", "Alice"),
        ("  Alice  Smith\n", "Alice  Smith"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("愛👩\u200d🚀", "愛👩\u200d🚀"),
        ("x" * 50, "x" * 50),
        ("e\u0301" * 50, "\u00e9" * 50),
    ],
)
def test_a_name_is_one_line_without_space_around(raw: str, name: str) -> None:
    assert clean_name(raw) == name


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        *refused(
            "INVALID", "", " \u3000", "Ali\nce", "Ali\tce", "Ali\u2028ce", "Ali\x85ce", "Ali\x1bce", "Ali\ufeffce"
        ),
        *refused("TOO_LONG", "x" * 51, "😀" * 51),
    ],
)
def test_what_is_no_name_is_refused(raw: str, code: str) -> None:
    assert code_of(clean_name, raw) == code


@pytest.mark.parametrize(
    ("raw", "bio"),
    [("", ""), ("  ", ""), (" Rooks.\r\nAnd\tcrows. ", "Rooks.\nAnd\tcrows."), ("x" * 160, "x" * 160)],
)
def test_a_bio_may_be_empty_and_have_lines(raw: str, bio: str) -> None:
    assert clean_bio(raw) == bio


def test_a_bio_over_160_is_too_long_and_one_with_controls_invalid() -> None:
    assert code_of(clean_bio, "x" * 161) == "TOO_LONG"
    assert code_of(clean_bio, "a\x07b") == "INVALID"
    assert code_of(clean_bio, "a\rb") == "INVALID"


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


@pytest.mark.parametrize(
    "raw", ["alice@example.org", "A.B+tag@Sub.Example.ORG", "a@b", "älice@bücher.example", "x" * 64 + "@example.org"]
)
def test_an_address_is_kept_as_written(raw: str) -> None:
    assert clean_email(f" {raw}\n") == raw


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        *refused("INVALID", "", "alice", "@example.org", "alice@", "alice@bob@example.org", "al ice@example.org"),
        *refused("INVALID", "alice@example..org", "alice@.example.org", "alice@example.org.", "al\x7fice@example.org"),
        *refused("INVALID", "alice@example.org\nbcc: bob@example.org", "x" * 65 + "@example.org"),
        *refused("TOO_LONG", "a@" + "b." * 126 + "c"),
    ],
)
def test_what_is_no_address_is_refused(raw: str, code: str) -> None:
    assert code_of(clean_email, raw) == code


def test_an_address_of_254_characters_is_taken() -> None:
    longest = "a@" + "b." * 125 + "cc"
    assert len(longest) == 254
    assert clean_email(longest) == longest


def test_addresses_are_one_in_whatever_case() -> None:
    assert email_key("Alice@Example.ORG") == email_key("aLICE@example.org") == "alice@example.org"


@pytest.mark.parametrize("raw", ["12345678", " spaces ", "pässwörter", "e\u0301" * 4, "x" * 128, "tab\tline\n"])
def test_a_password_is_kept_to_the_last_code_point(raw: str) -> None:
    assert clean_password(raw) == raw


@pytest.mark.parametrize(("raw", "code"), [("", "INVALID"), ("1234567", "INVALID"), ("x" * 129, "TOO_LONG")])
def test_too_short_and_too_long_passwords_are_refused(raw: str, code: str) -> None:
    assert code_of(clean_password, raw) == code


@pytest.mark.parametrize(
    "raw",
    [
        "https://example.org/a.png",
        "HTTP://EXAMPLE.ORG",
        "http://localhost:8000/a?b=c#d",
        "https://[2001:db8::1]/a",
        "https://bücher.example/ä.png",
        "https://example.org/" + "a" * 480,
    ],
)
def test_an_avatar_is_a_web_address(raw: str) -> None:
    assert clean_avatar_url(f" {raw} ") == raw


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        *refused("INVALID", "", "example.org/a.png", "//example.org/a.png", "ftp://example.org/a.png"),
        *refused("INVALID", "javascript:alert(1)", "data:image/png;base64,AAAA", "https://", "https:///a.png"),
        *refused("INVALID", "https://[::1/a.png", "https://example.org:0/", "https://example.org:99999/"),
        *refused("INVALID", "https://example.org:x/", "https://example.org/a b.png", "https://example.org/\ta.png"),
        *refused(
            "INVALID", 'https://example.org/"onload="x', "https://example.org/<b>", "https://a.example\\@b.example"
        ),
        *refused("TOO_LONG", "https://example.org/" + "a" * 481),
    ],
)
def test_what_is_no_web_address_is_refused(raw: str, code: str) -> None:
    assert code_of(clean_avatar_url, raw) == code


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
    assert text == unicodedata.normalize("NFC", raw)
    assert 1 <= weighted_length(text) <= 280
