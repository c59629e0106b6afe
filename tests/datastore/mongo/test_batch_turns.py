"""Batches over the same collections run one at a time, for so long as none is held up."""

import asyncio
from collections.abc import Sequence

import pytest

from datastore.mongo import batch_turns
from datastore.mongo.batch_turns import BatchTurns
from tests.support.waiting import eventually


async def test_batches_wait_for_those_over_a_collection_of_theirs() -> None:
    turns, begun, go_on = BatchTurns(), list[str](), asyncio.Event()

    async def batch(name: str, collections: Sequence[str]) -> None:
        async with turns.over(*collections):
            begun.append(name)
            await go_on.wait()

    async with asyncio.TaskGroup() as tasks:
        for name, over in (
            ("first", ["likes", "tweets"]),
            ("second", ["tweets"]),
            ("apart", ["follows"]),
            ("none", []),
        ):
            tasks.create_task(batch(name, over))
        await eventually(lambda: begun == ["first", "apart", "none"])
        go_on.set()
    assert begun == ["first", "apart", "none", "second"]


async def test_who_gets_no_turn_in_time_goes_on_beside_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_turns, "_LONGEST_WAIT_SECONDS", 0.01)
    turns, begun = BatchTurns(), list[str]()
    async with turns.over("tweets"):
        async with turns.over("likes", "tweets"):
            begun.append("beside")
        async with turns.over("likes"):
            begun.append("apart")
    assert begun == ["beside", "apart"]


@pytest.mark.parametrize("seconds", [10.0, 0.0])
async def test_after_a_failure_nobody_waits_for_a_while(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(batch_turns, "_WITHOUT_TURNS_SECONDS", seconds)
    turns, begun = BatchTurns(), list[str]()
    with pytest.raises(ConnectionError):
        async with turns.over("tweets"):
            raise ConnectionError

    async def batch() -> None:
        async with turns.over("tweets"):
            begun.append("second")

    async with turns.over("tweets"):
        second = asyncio.create_task(batch())
        await asyncio.wait([second], timeout=0.1)
        assert begun == (["second"] if seconds else [])
    await second
