"""Interned objects: GraphQL objects reused across requests while the rows behind them are unchanged."""

from collections import OrderedDict
from typing import TypeVar

from engine import Internable

K = TypeVar("K")
T = TypeVar("T", bound=Internable)

MOST_INTERNED = 4_096
"""Most objects in one cache; the oldest are evicted first."""


def intern_object(cache: OrderedDict[K, T], key: K, made: T) -> T:
    """Interns `made` and caches it under `key`, replacing any other object there."""
    cache.pop(key, None)
    cache[key] = made.intern()
    if len(cache) > MOST_INTERNED:
        cache.popitem(last=False)
    return made
