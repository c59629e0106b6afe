"""Data loaders of one request: join look-ups into batches and cache their results."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import cache, partial
from typing import Any, Generic, TypeVar

from strawberry.dataloader import DataLoader

from core.runtime.metrics import RESOLVER_BATCHES, Histogram
from engine import Results

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


class Loader(Generic[K, V]):
    """`loaded`: results of this request by key. `load` looks up missing keys and returns results in their order."""

    def __init__(self, name: str, load: Callable[[Sequence[K]], Coroutine[Any, Any, list[V]]]) -> None:
        self.loaded: dict[K, V] = {}
        self._name, self._load = name, load
        self._batches: DataLoader[K, V] | None = None

    def prime(self, key: K, value: V) -> None:
        self.loaded[key] = value

    async def load(self, key: K) -> V:
        return (await self.load_many([key]))[0]

    async def load_many(self, keys: Sequence[K]) -> list[V]:
        await asyncio.gather(*self.start(keys).values())
        return [self.loaded[key] for key in keys]

    def start(self, keys: Sequence[K]) -> Mapping[K, "asyncio.Future[V]"]:
        """Look-ups of the keys that are not loaded, batched with others of this iteration of the event loop."""
        missing = [key for key in dict.fromkeys(keys) if key not in self.loaded]
        if not missing:
            return {}
        if self._batches is None:
            load_batch = partial(_load_batch, self._name, self._load, self.loaded)  # refers to no loader: no cycle
            self._batches = DataLoader(load_batch, cache=False)
        return {key: asyncio.ensure_future(self._batches.load(key)) for key in missing}


async def _load_batch(
    name: str, load: Callable[[Sequence[K]], Coroutine[Any, Any, list[V]]], loaded: dict[K, V], keys: list[K]
) -> list[V]:
    _batch_size(name).observe(len(keys))
    missing = list(dict.fromkeys(keys))
    loaded.update(zip(missing, await load(missing), strict=True))
    return [loaded[key] for key in keys]


def load_all(loader: Loader[K, V], keys: Sequence[K], present: Callable[[V], Any]) -> Results[Any]:
    """`present` applied to each key's result, at once if all are loaded; errors take the place of their result."""
    if started := loader.start(keys):
        return _load_and_present(loader, keys, present, started)
    return _all_presented(list(map(loader.loaded.__getitem__, keys)), present)


def load_some(loader: Loader[K, V], keys: Sequence[K | None], present: Callable[[V], Any]) -> Results[Any]:
    """As `load_all`; None in the place of keys that are None."""
    found = load_all(loader, [key for key in keys if key is not None], present)
    return _spread(keys, found) if isinstance(found, list) else _spread_later(keys, found)


async def _spread_later(keys: Sequence[K | None], found: Awaitable[list[Any]]) -> list[Any]:
    return _spread(keys, await found)


def _spread(keys: Sequence[K | None], found: Sequence[Any]) -> list[Any]:
    remaining = iter(found)
    return [None if key is None else next(remaining) for key in keys]


async def _load_and_present(
    loader: Loader[K, V], keys: Sequence[K], present: Callable[[V], Any], started: Mapping[K, "asyncio.Future[V]"]
) -> list[Any]:
    await asyncio.wait(started.values())
    failed = {key: error for key, future in started.items() if (error := future.exception()) is not None}
    if not failed:
        return _all_presented([loader.loaded[key] for key in keys], present)
    return [failed[key] if key in failed else _presented(loader.loaded[key], present) for key in keys]


def _all_presented(values: list[V], present: Callable[[V], T]) -> list[T | Exception]:
    try:
        return list(map(present, values))
    except Exception:  # noqa: BLE001 - then each is presented separately
        return [_presented(value, present) for value in values]


def _presented(value: V, present: Callable[[V], T]) -> T | Exception:
    try:
        return present(value)
    except Exception as error:  # noqa: BLE001 - it is the error of this object alone
        return error


@cache
def _batch_size(loader: str) -> Histogram:
    """Cached: looking a label up takes as long as counting, and there are few."""
    return RESOLVER_BATCHES.labels(loader)
