"""Rules for new passwords, and the form in which passwords are hashed and compared."""

import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from core.text.text import MAX_PASSWORD_LENGTH, TextError, clean_password

_LONGEST_NORMALIZED: Final = 4 * MAX_PASSWORD_LENGTH


def normal_password(typed: str) -> str:
    """NFKC, so that a password typed on another keyboard is the same one. Longer than any password: unchanged."""
    return typed if typed.isascii() or len(typed) > _LONGEST_NORMALIZED else unicodedata.normalize("NFKC", typed)


def clean_new_password(typed: str, *own: str) -> str:
    """8 to 128 characters after NFKC, not blank, not common, none of `own` (handle, address). Raises TextError."""
    password = clean_password(normal_password(typed))
    folded = password.casefold()
    if not password.strip():
        raise TextError("INVALID", "A password can't be of spaces alone.")
    if folded in _common():
        raise TextError("INVALID", "This password is one of the most common ones. Choose another.")
    if folded in {normal_password(each).casefold() for each in own}:
        raise TextError("INVALID", "A password can't be the handle or the e-mail address.")
    return password


@cache
def _common() -> frozenset[str]:
    """Read at the first new password; some 1 MB."""
    text = Path(__file__).with_name("common_passwords.txt").read_text()
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))
