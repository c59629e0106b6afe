"""Handles that nobody may have: they look like the operator, like a part of the project or like a word of systems."""

from functools import cache
from pathlib import Path

from core.text.text import handle_key


def is_reserved(handle: str) -> bool:
    """In whatever case, and with underscores around."""
    return handle_key(handle).strip("_") in _reserved()


@cache
def _reserved() -> frozenset[str]:
    return frozenset(Path(__file__).with_name("reserved_handles.txt").read_text().split())
