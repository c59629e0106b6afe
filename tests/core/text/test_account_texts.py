"""Validation of the texts of an account: handle, name, bio, e-mail address, password, avatar."""

import pytest

from core.text.text import (
    clean_bio,
    clean_email,
    clean_handle,
    clean_name,
    clean_password,
    email_key,
    handle_key,
    is_handle,
)
from tests.core.text.refusals import code_of, refused


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
        *refused("INVALID", "\u200b", "\u2060", "\u3164", "\u2800", "\u180e"),
        *refused("INVALID", "\ufff9\ufffb", "\U000e0041\ufe0f"),
        *refused("INVALID", "\u200d\ufe0f", "\u115f \u1160", "\uffa0", "\U000e0020", "\u00ad\u034f"),
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
        *refused("INVALID", '"al ice"@example.org', "al,ice@example.org", ".alice@example.org", "alice.@example.org"),
        *refused("INVALID", "a@ex\u200bample.org", "a@xn--.org", "a@-b.org", "a@b_c.org", "a@[127.0.0.1]"),
        *refused("INVALID", "=?utf-8?q?a=0ABcc=3Ab=40c.org?=@example.org", "ä" * 33 + "@example.org"),
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
