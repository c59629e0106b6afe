"""Objects that are shown again as they are, while they are made of the very same rows: of what many look at."""

from typing import TypeVar

from engine import Internable

K = TypeVar("K")
T = TypeVar("T", bound=Internable)

MOST_INTERNED = 2_048
"""Of one kind; all are let go when there are more."""


def intern_object(cache: dict[K, T], key: K, made: T) -> T:
    """Remembers what was made, in the place of what was cache by its key."""
    if len(cache) >= MOST_INTERNED:
        cache.clear()
    cache[key] = made.intern()
    return made
