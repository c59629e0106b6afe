"""Fields of many objects out of one loader: at once where all of it is known already."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from engine import Results

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


def loaded(loader: DataLoader[K, V], keys: Iterable[K], show: Callable[[V], Any]) -> Results[Any]:
    """What `show` makes of each; an error stands in the place of its own object."""
    futures = [asyncio.ensure_future(loader.load(key)) for key in keys]
    if all(future.done() for future in futures):
        return [_shown(future, show) for future in futures]
    return _later(futures, show)


async def _later(futures: Sequence[asyncio.Future[V]], show: Callable[[V], Any]) -> list[Any]:
    await asyncio.wait(set(futures))
    return [_shown(future, show) for future in futures]


def _shown(future: asyncio.Future[V], show: Callable[[V], T]) -> T | Exception:
    try:
        return show(future.result())
    except Exception as error:  # noqa: BLE001 - it is the error of this object alone
        return error
