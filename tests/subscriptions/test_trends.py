"""trendUpdates: the current trends, also without a token, and then each change of their order."""

import asyncio
from typing import Any

import pytest

from datastore.trends.snapshots import Snapshot, TrendRecord
from subscriptions.trends import TrendWatch
from tests.support.people import Socket, connected, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN_DATABASE = True

WATCH = "subscription($first: Int! = 10) { trendUpdates(first: $first) { tweetCount hashtag { name } } }"
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code } } }"


class Trends:
    """A fake store with one snapshot. It counts the reads."""

    def __init__(self) -> None:
        self.snapshot, self.reads = Snapshot(), 0

    async def latest(self) -> Snapshot:
        self.reads += 1
        return self.snapshot


def snapshot(at: int, *tags: str) -> Snapshot:
    return Snapshot(at, tuple(TrendRecord(tag, tag, 1.0, 5, 5) for tag in tags))


async def test_slow_watcher_gets_only_the_newest_snapshot_and_all_share_a_poll() -> None:
    rows = Trends()
    watch = TrendWatch(rows)  # type: ignore[arg-type]
    one, other = watch.snapshots(), watch.snapshots()
    assert [await anext(one), await anext(other)] == [Snapshot(), Snapshot()]
    waiting = asyncio.ensure_future(anext(one))
    await watch.poll()
    assert not waiting.done()
    for at in (1, 2):
        rows.snapshot = snapshot(at, "rook")
        await watch.poll()
    assert [(await waiting).at_ms, (await anext(other)).at_ms] == [2, 2]
    assert rows.reads == 5
    for stream in (one, other):
        await stream.aclose()


async def publish(service: Service, *tags: str) -> None:
    """Takes the lease of the worker that makes the snapshots, and publishes one."""
    await service.stores.redis.set("trends:{trends}:lease", "the test", px=60_000)
    assert await service.stores.trends.snapshots.publish("the test", snapshot(len(tags), *tags))


async def test_order_is_sent_at_once_and_when_it_changes(shared_service: Service) -> None:
    async with connected(shared_service, None) as socket:
        await publish(shared_service, "rook", "crow", "jay")
        await socket.subscribe(WATCH, first=2)
        assert await names(socket) == ["rook", "crow"]
        await publish(shared_service, "rook", "crow", "jay", "pie")
        await publish(shared_service, "crow", "rook")
        assert await names(socket) == ["crow", "rook"]
        await publish(shared_service)
        assert await names(socket) == []


async def names(socket: Socket) -> list[str]:
    trends: Any = await socket.event()
    return [trend["hashtag"]["name"] for trend in trends]


async def test_without_any_snapshot_the_first_event_is_empty(shared_service: Service) -> None:
    await shared_service.stores.redis.delete("trends:{trends}:snapshot")
    async with connected(shared_service, None) as socket:
        await socket.subscribe(WATCH)
        assert await names(socket) == []


async def test_length_out_of_range_is_refused(shared_service: Service) -> None:
    async with connected(shared_service, None) as socket:
        await socket.subscribe(WATCH, first=101)
        assert await socket.error() in (["BAD_USER_INPUT"], ["QUERY_TOO_COMPLEX"])


async def test_trends_exclude_accounts_that_the_viewer_blocks(shared_service: Service) -> None:
    people = [await sign_up(shared_service, "crow") for _ in range(5)]
    viewer = await sign_up(shared_service, "viewer")
    await viewer.act(BLOCK, id=people[0].id)
    for person in people:
        await person.post("#together")
    await shared_service.stores.redis.delete("trends:{trends}:lease")
    async with viewer.socket() as hers, connected(shared_service, None) as anonymous:
        await hers.subscribe(WATCH)
        assert await names(hers) == []
        await anonymous.subscribe(WATCH)
        while "together" not in await names(anonymous):
            pass
        await people[0].post("not #together")
        assert await shared_service.ask("{ trends { tweetCount } }", token=viewer.token) == {"data": {"trends": []}}
