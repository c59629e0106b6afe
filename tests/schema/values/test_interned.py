"""The cache of interned objects."""

from collections import OrderedDict

from engine import Internable
from schema.values.interned import MOST_INTERNED, intern_object


class Shown(Internable):
    pass


def test_an_object_is_interned_and_replaces_the_one_with_its_key() -> None:
    cache = OrderedDict[str, Shown]()
    first, second = intern_object(cache, "a", Shown()), Shown()
    assert first.cached_rows == {}
    assert second.cached_rows is None
    assert intern_object(cache, "a", second) is second
    assert cache == {"a": second}


def test_the_oldest_object_of_a_full_cache_is_evicted() -> None:
    cache = OrderedDict[int, Shown]()
    for key in range(MOST_INTERNED):
        intern_object(cache, key, Shown())
    intern_object(cache, 0, Shown())
    intern_object(cache, -1, Shown())
    assert len(cache) == MOST_INTERNED
    assert [key in cache for key in (-1, 0, 1, 2)] == [True, True, False, True]
