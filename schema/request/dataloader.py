"""Look-ups of one request: joined into batches, and none of what is known already."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Generic, TypeVar

from strawberry.dataloader import DataLoader

from core.runtime.metrics import RESOLVER_BATCHES
from engine import Results

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


class Loader(Generic[K, V]):
    """`known` is what the request has seen, by key. `load` looks up the rest, in the order asked."""

    def __init__(self, name: str, load: Callable[[Sequence[K]], Coroutine[Any, Any, list[V]]]) -> None:
        self.known: dict[K, V] = {}
        self._name, self._load = name, load
        self._batches: DataLoader[K, V] | None = None

    def prime(self, key: K, value: V) -> None:
        self.known[key] = value

    async def load(self, key: K) -> V:
        return (await self.load_many([key]))[0]

    async def load_many(self, keys: Sequence[K]) -> list[V]:
        await asyncio.gather(*self.begin(keys).values())
        return [self.known[key] for key in keys]

    def begin(self, keys: Sequence[K]) -> Mapping[K, "asyncio.Future[V]"]:
        """Look-ups of those that are not known; joined with what others begin in this turn of the loop."""
        unknown = [key for key in dict.fromkeys(keys) if key not in self.known]
        if not unknown:
            return {}
        if self._batches is None:
            self._batches = DataLoader(self._load_batch, cache=False)
        return {key: asyncio.ensure_future(self._batches.load(key)) for key in unknown}

    async def _load_batch(self, keys: list[K]) -> list[V]:
        RESOLVER_BATCHES.labels(self._name).observe(len(keys))
        unknown = list(dict.fromkeys(keys))
        self.known.update(zip(unknown, await self._load(unknown), strict=True))
        return [self.known[key] for key in keys]


def load_all(loader: Loader[K, V], keys: Sequence[K], show: Callable[[V], Any]) -> Results[Any]:
    """What `show` makes of each, at once where all is known; an error stands in the place of its own object."""
    if begun := loader.begin(keys):
        return _later(loader, keys, show, begun)
    return _all_shown(list(map(loader.known.__getitem__, keys)), show)


async def _later(
    loader: Loader[K, V], keys: Sequence[K], show: Callable[[V], Any], begun: Mapping[K, "asyncio.Future[V]"]
) -> list[Any]:
    await asyncio.wait(begun.values())
    failed = {key: error for key, future in begun.items() if (error := future.exception()) is not None}
    if not failed:
        return _all_shown([loader.known[key] for key in keys], show)
    return [failed[key] if key in failed else _shown(loader.known[key], show) for key in keys]


def _all_shown(values: list[V], show: Callable[[V], T]) -> list[T | Exception]:
    try:
        return list(map(show, values))
    except Exception:  # noqa: BLE001 - then each is shown by itself
        return [_shown(value, show) for value in values]


def _shown(value: V, show: Callable[[V], T]) -> T | Exception:
    try:
        return show(value)
    except Exception as error:  # noqa: BLE001 - it is the error of this object alone
        return error
