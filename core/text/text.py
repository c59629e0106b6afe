"""Validation of user text: every `clean_...` returns the text in the form that is stored, or raises `TextError`.

Keys (`handle_key`, `email_key`) decide uniqueness; the text itself stays as it was written.
"""

import re
import unicodedata
from typing import Final, Literal

from core.text.emails import is_email
from core.text.entities import is_tag
from core.text.tables.categories import INVISIBLE, MARKS
from core.text.urls import AT_SIGNS, HASH_SIGNS
from core.text.weight import weighted_length

__all__ = [
    "TextError",
    "TextErrorCode",
    "clean_alt_text",
    "clean_bio",
    "clean_caption",
    "clean_content_warning",
    "clean_email",
    "clean_handle",
    "clean_line",
    "clean_name",
    "clean_password",
    "clean_tag",
    "clean_tweet_text",
    "email_key",
    "handle_key",
    "is_blank",
    "is_handle",
    "typed_handle_key",
    "weighted_length",
]

MAX_TWEET_WEIGHT: Final = 280
MAX_HANDLE_LENGTH: Final = 15
MAX_NAME_LENGTH: Final = 50
MAX_BIO_LENGTH: Final = 160
MAX_ALT_TEXT_LENGTH: Final = 1_000
MAX_CONTENT_WARNING_LENGTH: Final = 100
MAX_EMAIL_LENGTH: Final = 254
MIN_PASSWORD_LENGTH: Final = 8
MAX_PASSWORD_LENGTH: Final = 128
# Each character of a hashtag weighs 1 at least, and so does its sign.
MAX_TAG_LENGTH: Final = MAX_TWEET_WEIGHT - 1

# Character sets, as the inside of a class; a lone surrogate is not valid in any encoding.
_NUL_AND_SURROGATES = "\u0000\ud800-\udfff"
_NO_CHARACTERS = "\ufeff\ufffe\uffff"
_CONTROLS = "\u0000-\u0008\u000b-\u001f\u007f-\u009f"
_LINE_BREAKS = "\t\n\u2028\u2029"

_NOT_IN_PASSWORD = re.compile(f"[{_NUL_AND_SURROGATES}]")
_NOT_IN_TWEET = re.compile(f"[{_NUL_AND_SURROGATES}{_NO_CHARACTERS}]")
_NOT_IN_PARAGRAPHS = re.compile(f"[{_NUL_AND_SURROGATES}{_NO_CHARACTERS}{_CONTROLS}]")
_NOT_IN_LINE = re.compile(f"[{_NUL_AND_SURROGATES}{_NO_CHARACTERS}{_CONTROLS}{_LINE_BREAKS}]")
_ANNOTATIONS = "\ufff9-\ufffb"
_BLANKS = re.compile(rf"[\s{INVISIBLE}{_ANNOTATIONS}]+")
_HANDLE = re.compile(r"[0-9A-Za-z_]+")
# NFC sorts a run of marks in time quadratic in its length.
_TOO_MANY_MARKS = re.compile(rf"(?<![{MARKS}])[{MARKS}]{{{MAX_TWEET_WEIGHT + 1}}}")
_MOST_THAT_NFC_JOINS = 4

TextErrorCode = Literal["INVALID", "TOO_LONG"]


class TextError(Exception):
    """A text that is refused; `code` is the name of a UserErrorCode, `message` is safe to show."""

    def __init__(self, code: TextErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: TextErrorCode = code
        self.message = message


def clean_tweet_text(raw: str) -> str:
    """NFC, 1 to 280 weighted characters, lines end in LF, all other white space preserved."""
    text = clean_caption(raw)
    if is_blank(text):
        raise TextError("INVALID", "A tweet needs text.")
    return text


def clean_caption(raw: str) -> str:
    """As `clean_tweet_text`, for a tweet with pictures, which may have no text."""
    _refuse(raw, _NOT_IN_TWEET)
    raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    if _TOO_MANY_MARKS.search(raw):
        raise TextError("TOO_LONG", f"A tweet weighs {MAX_TWEET_WEIGHT} characters at most.")
    text = unicodedata.normalize("NFC", raw)
    weight = weighted_length(text)
    if weight > MAX_TWEET_WEIGHT:
        raise TextError("TOO_LONG", f"A tweet weighs {MAX_TWEET_WEIGHT} characters at most, this one {weight}.")
    return text


def clean_content_warning(raw: str) -> str:
    """1 to 100 code points of one line, NFC, without white space around."""
    warning = clean_line(raw, MAX_CONTENT_WARNING_LENGTH)
    if is_blank(warning):
        raise TextError("INVALID", "A content warning can't be empty; leave it out instead.")
    return warning


def clean_handle(raw: str) -> str:
    """1 to 15 of ASCII letters, digits and underscore; no @, no white space around."""
    if not _HANDLE.fullmatch(raw):
        raise TextError("INVALID", "A handle has letters, digits and underscores only.")
    _limit(raw, MAX_HANDLE_LENGTH)
    return raw


def is_handle(text: str) -> bool:
    return len(text) <= MAX_HANDLE_LENGTH and bool(_HANDLE.fullmatch(text))


def handle_key(handle: str) -> str:
    """Equal for handles that differ in case only. A text that is no handle never has the key of one."""
    return handle.lower() if handle.isascii() else handle


def clean_name(raw: str) -> str:
    """1 to 50 code points of one line, NFC, without white space around."""
    name = clean_line(raw, MAX_NAME_LENGTH)
    if is_blank(name):
        raise TextError("INVALID", "A name can't be empty.")
    return name


def clean_bio(raw: str) -> str:
    """0 to 160 code points, NFC, without white space around; lines end in LF."""
    return clean_paragraphs(raw, MAX_BIO_LENGTH)


def clean_paragraphs(raw: str, limit: int) -> str:
    """At most `limit` code points, NFC, without white space around; lines end in LF; may be empty."""
    return _clean(raw.replace("\r\n", "\n"), _NOT_IN_PARAGRAPHS, limit)


def clean_alt_text(raw: str) -> str:
    """0 to 1,000 code points, NFC, without white space around; lines end in LF."""
    return _clean(raw.replace("\r\n", "\n"), _NOT_IN_PARAGRAPHS, MAX_ALT_TEXT_LENGTH)


def typed_handle_key(typed: str) -> str:
    """The key of a handle as people type it: with or without an @, with white space around."""
    name = typed.strip()
    return handle_key(name[1:] if name[:1] in tuple(AT_SIGNS) else name)


def clean_line(raw: str, limit: int) -> str:
    """At most `limit` code points of one line, NFC, without white space around; may be empty."""
    return _clean(raw, _NOT_IN_LINE, limit)


def clean_tag(raw: str) -> str:
    """A hashtag, with or without its sign, that extraction would find; NFC, without the sign."""
    tag = _clean(raw, _NOT_IN_LINE, MAX_TAG_LENGTH + 1)
    tag = tag[1:] if tag[:1] in tuple(HASH_SIGNS) else tag
    if not is_tag(tag):
        raise TextError("INVALID", "A hashtag has letters, digits and underscores, and one letter at least.")
    _limit(tag, MAX_TAG_LENGTH)
    return tag


def clean_email(raw: str) -> str:
    """One @ between a local part without quotes and a domain, at most 254 code points, NFC, case preserved."""
    email = _clean(raw, _NOT_IN_LINE, MAX_EMAIL_LENGTH)
    if not is_email(email):
        raise TextError("INVALID", "This is no e-mail address.")
    return email


def email_key(email: str) -> str:
    """Equal for clean addresses that differ in case only."""
    return email.casefold()


def clean_password(raw: str) -> str:
    """8 to 128 code points, unchanged."""
    _refuse(raw, _NOT_IN_PASSWORD)
    if len(raw) < MIN_PASSWORD_LENGTH:
        raise TextError("INVALID", f"A password has {MIN_PASSWORD_LENGTH} characters at least.")
    _limit(raw, MAX_PASSWORD_LENGTH)
    return raw


def is_blank(text: str) -> bool:
    """Whether nothing of the text is seen: white space and invisible characters alone."""
    return not _BLANKS.sub("", text)


def _clean(raw: str, forbidden: re.Pattern[str], limit: int) -> str:
    text = raw.strip()
    _refuse(text, forbidden)
    _limit(text, limit * _MOST_THAT_NFC_JOINS)
    text = unicodedata.normalize("NFC", text)
    _limit(text, limit)
    return text


def _refuse(text: str, forbidden: re.Pattern[str]) -> None:
    if forbidden.search(text):
        raise TextError("INVALID", "There is a character in it that no text may have.")


def _limit(text: str, length: int) -> None:
    if len(text) > length:
        raise TextError("TOO_LONG", f"It has {length} characters at most.")
