"""Rules for new passwords."""

import pytest

from core.auth.password_rules import clean_new_password, normal_password
from core.auth.passwords import HASHER, hash_password, password_matches
from core.auth.reserved_handles import is_reserved
from core.text.text import TextError


def code_of(typed: str, *own: str) -> str | None:
    try:
        clean_new_password(typed, *own)
    except TextError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("correct horse", None),
        ("x\u0308" * 8, None),
        ("\ufdfa", None),  # 18 characters after NFKC
        ("1234567", "INVALID"),
        ("\u0308" * 4 + "abc", "INVALID"),
        (" " * 9, "INVALID"),
        ("\u2003" * 9, "INVALID"),
        ("nul\0nul\0", "INVALID"),
        ("p" * 129, "TOO_LONG"),
        ("\ufdfa" * 8, "TOO_LONG"),
        ("p" * 100_000, "TOO_LONG"),
        ("password", "INVALID"),
        ("PassWord1", "INVALID"),
        ("\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44", "INVALID"),
        ("iloveyou1", "INVALID"),
    ],
)
def test_new_password(typed: str, code: str | None) -> None:
    assert code_of(typed) == code


def test_handle_and_address_are_no_passwords() -> None:
    own = ("Alice_Rook", "alice@Example.org")
    assert code_of("alice_rook", *own) == code_of("ALICE@example.org", *own) == "INVALID"
    assert code_of("alice_rook and more", *own) is None


def test_list_of_common_passwords_is_whole() -> None:
    assert code_of("\u017fun\u017fhine") == "INVALID"  # long s, which is folded
    common = ["12345678", "qwertyuiop", "trustno1", "football", "password123", "letmein1"]
    assert [code_of(each) for each in common] == ["INVALID"] * 6


def test_password_is_compared_after_nfkc() -> None:
    hashed = hash_password("pa\u0308sswort")
    assert password_matches(hashed, "p\u00e4sswort")
    assert password_matches(hashed, "pa\u0308sswort")
    assert not password_matches(hashed, "passwort")
    as_typed = HASHER.hash("pa\u0308sswort")  # before passwords were normalised
    assert password_matches(as_typed, "pa\u0308sswort")
    assert normal_password("\u00e4" * 1_000) == "\u00e4" * 1_000


@pytest.mark.parametrize(
    ("handle", "is_taken"),
    [("admin", True), ("ROOT", True), ("_Support_", True), ("rookery", True), ("alice", False), ("admin1", False)],
)
def test_reserved_handles(handle: str, is_taken: bool) -> None:
    assert is_reserved(handle) is is_taken
