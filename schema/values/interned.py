"""Objects that are shown again as they are, while they are made of the very same rows: of what many look at."""

from typing import TypeVar

from engine import Internable

K = TypeVar("K")
T = TypeVar("T", bound=Internable)

MOST = 2_048
"""Of one kind; all are let go when there are more."""


def lasting(known: dict[K, T], key: K, made: T) -> T:
    """Remembers what was made, in the place of what was known by its key."""
    if len(known) >= MOST:
        known.clear()
    known[key] = made.intern()
    return made
