"""Data loaders: batches, cached results, errors by key."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from schema.request.dataloader import Loader, load_all


class Rows:
    """A look-up of squares that records its batches; `failing` keys fail the batch that holds them."""

    def __init__(self, failing: frozenset[int] = frozenset()) -> None:
        self.batches: list[list[int]] = []
        self._failing = failing
        self.loader: Loader[int, int] = Loader("squares", self._load)

    async def _load(self, keys: Sequence[int]) -> list[int]:
        self.batches.append(list(keys))
        await asyncio.sleep(0)
        if failing := self._failing.intersection(keys):
            raise LookupError(*failing)
        return [key * key for key in keys]


def shown(value: int) -> str:
    if value == 16:
        raise ValueError("four is not shown")
    return f"<{value}>"


def errors_as_text(values: list[Any]) -> list[str]:
    return [repr(value) if isinstance(value, Exception) else value for value in values]


async def test_look_ups_of_one_iteration_are_one_batch_of_distinct_keys() -> None:
    rows = Rows()
    found = await asyncio.gather(rows.loader.load(1), rows.loader.load_many([2, 1, 3]), rows.loader.load(2))
    assert tuple(found) == (1, [4, 1, 9], 4)
    assert rows.batches == [[1, 2, 3]]


async def test_a_loaded_or_primed_key_is_not_looked_up_again() -> None:
    rows = Rows()
    rows.loader.prime(7, 0)
    assert await rows.loader.load_many([7, 2]) == [0, 4]
    assert await rows.loader.load_many([2, 7]) == [4, 0]
    assert rows.batches == [[2]]


async def test_loaded_keys_are_presented_at_once() -> None:
    rows = Rows()
    rows.loader.prime(1, 1)
    assert load_all(rows.loader, [1, 1], shown) == ["<1>", "<1>"]
    assert load_all(rows.loader, [], shown) == []
    assert rows.batches == []


async def test_missing_keys_are_loaded_and_presented_in_order() -> None:
    rows = Rows()
    rows.loader.prime(1, 1)
    later = load_all(rows.loader, [3, 1, 3, 2], shown)
    assert not isinstance(later, list)
    assert await later == ["<9>", "<1>", "<9>", "<4>"]
    assert rows.batches == [[3, 2]]


@pytest.mark.parametrize("is_loaded", [True, False])
async def test_an_error_of_presenting_replaces_its_result_alone(*, is_loaded: bool) -> None:
    rows = Rows()
    if is_loaded:
        await rows.loader.load_many([3, 4])
    results = load_all(rows.loader, [4, 3], shown)
    values = results if isinstance(results, list) else await results
    assert errors_as_text(values) == ["ValueError('four is not shown')", "<9>"]


async def test_an_error_of_loading_replaces_results_of_its_batch_alone() -> None:
    rows = Rows(failing=frozenset({5}))
    await rows.loader.load(1)
    later = load_all(rows.loader, [1, 5, 6], shown)
    assert not isinstance(later, list)
    assert errors_as_text(await later) == ["<1>", "LookupError(5)", "LookupError(5)"]
    assert await rows.loader.load(6) == 36
