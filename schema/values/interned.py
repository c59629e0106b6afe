"""Interned objects: GraphQL objects reused across requests while the rows behind them are unchanged."""

from typing import TypeVar

from engine import Internable

K = TypeVar("K")
T = TypeVar("T", bound=Internable)

MOST_INTERNED = 2_048
"""Most objects in one cache; a full cache is cleared."""


def intern_object(cache: dict[K, T], key: K, made: T) -> T:
    """Interns `made` and caches it under `key`, replacing any other object there."""
    if len(cache) >= MOST_INTERNED:
        cache.clear()
    cache[key] = made.intern()
    return made
