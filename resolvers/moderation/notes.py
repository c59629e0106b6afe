"""Notes of moderators about their decisions, for the log."""

from core.errors import RefusalError, UserErrorCode
from core.text.text import TextError, clean_paragraphs

LONGEST_NOTE = 1_000


def clean_note(note: str | None) -> str | None:
    """None for a blank one. Raises RefusalError TOO_LONG, or INVALID for characters that no text has."""
    try:
        return clean_paragraphs(note or "", LONGEST_NOTE) or None
    except TextError as error:
        raise RefusalError.of(UserErrorCode(error.code), error.message, "note") from None
