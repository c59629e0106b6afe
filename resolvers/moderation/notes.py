"""Words that people write about decisions: notes for the log, explanations, appeals and answers to them."""

from core.errors import RefusalError, UserErrorCode
from core.text.text import TextError, clean_paragraphs

LONGEST_NOTE = 1_000
LONGEST_APPEAL = 2_000


def clean_note(note: str | None) -> str | None:
    """None for a blank one. Raises RefusalError TOO_LONG, or INVALID for characters that no text has."""
    return clean_words(note, LONGEST_NOTE, "note")


def clean_words(text: str | None, limit: int, *field: str) -> str | None:
    """As `clean_note`, for another field."""
    try:
        return clean_paragraphs(text or "", limit) or None
    except TextError as error:
        raise RefusalError.of(UserErrorCode(error.code), error.message, *field) from None


def required_words(text: str, limit: int, field: str) -> str:
    """As `clean_words`; raises RefusalError INVALID for a blank one too."""
    words = clean_words(text, limit, field)
    if words is None:
        raise RefusalError.of(UserErrorCode.INVALID, "It has no words.", field)
    return words
