"""The tools of docs/debugging.md: store commands and spans as they are printed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from redis.asyncio import Redis

from bench.harness.watch_stores import watch
from datastore.mongo.client import open_mongo
from tests.support.service import settings_for
from tests.support.waiting import eventually
from tools.show_traces import tree_of


@pytest.fixture
async def watching(mongo_url: str, redis_url: str) -> AsyncIterator[None]:
    task = asyncio.create_task(watch(settings_for(mongo_url, redis_url)))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_commands_of_both_stores_are_printed(
    watching: None, mongo_url: str, redis_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    printed: list[str] = []

    async def is_printed() -> bool:
        async with Redis.from_url(redis_url) as redis, open_mongo(mongo_url) as mongo:
            await redis.get("a-key-to-watch")
            await mongo.collection("users").find_one({"handle_key": "watched"})
        printed.append(capsys.readouterr().out)
        shown = "".join(printed)
        return "redis GET a-key-to-watch" in shown and ".users find {'handle_key': 'watched'}" in shown

    assert await eventually(is_printed)


def test_spans_are_printed_below_their_parents() -> None:
    root = Span(trace_id=b"\x01", span_id=b"a", name="graphql query", end_time_unix_nano=2_500_000)
    child = Span(trace_id=b"\x01", span_id=b"b", parent_span_id=b"a", name="redis", end_time_unix_nano=100_000)
    background = Span(trace_id=b"\x02", span_id=b"c", name="mongodb find", end_time_unix_nano=100_000)
    assert list(tree_of([root, child, background])) == ["trace 01", "  2.5 ms graphql query", "    0.1 ms redis"]
