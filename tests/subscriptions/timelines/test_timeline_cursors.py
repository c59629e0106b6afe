"""homeTimelineEvents with cursors: resumption, and cursors whose events are lost."""

import asyncio
from typing import Any

import pytest

from datastore.records.items import ItemKind
from datastore.redis import keys
from datastore.timelines.event_log import EVENTS_KEPT
from tests.subscriptions.timelines.helpers import added, is_quiet, number_of, pair
from tests.support.people import Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_head_of_a_page_closes_the_gap_before_the_subscription(shared_service: Service) -> None:
    reader, alice = await pair(shared_service)
    await alice.post("on the page")
    await shared_service.settle()
    page = await reader.home()
    for number in range(3):
        await alice.post(f"between {number}")
    await shared_service.settle()
    async with reader.socket() as socket:
        await socket.watch_home(page["headCursor"])
        assert await added(socket, 3) == [f"between {number}" for number in range(3)]
        await alice.post("after")
        assert await added(socket, 1) == ["after"]
        assert await is_quiet(socket)


async def test_resumption_yields_missed_events_once_and_in_order(shared_service: Service) -> None:
    reader, alice = await pair(shared_service)
    cursor = (await reader.home())["headCursor"]
    async with reader.socket() as socket:
        await socket.watch_home(cursor)
        await alice.post("seen")
        event = await socket.event()
        assert event["edge"]["node"]["text"] == "seen"
    missed = [f"missed {number}" for number in range(8)]
    for text in missed:
        await alice.post(text)
    await shared_service.settle()
    async with reader.socket() as socket:
        await socket.watch_home(event["cursor"])
        assert await added(socket, 4) == missed[:4]
        middle = (await socket.event())["cursor"]
    async with reader.socket() as socket:
        await socket.watch_home(middle)
        await alice.post("new")
        assert await added(socket, 4) == [*missed[5:], "new"]
        assert await is_quiet(socket)


async def test_no_event_is_lost_or_repeated_through_many_resumptions(shared_service: Service) -> None:
    reader, alice = await pair(shared_service)
    bob = await sign_up(shared_service, "bob")
    await reader.follow(bob)
    await shared_service.settle()
    cursor: str = (await reader.home())["headCursor"]
    posted: list[str] = []

    async def post(author: Person) -> None:
        for number in range(20):
            posted.append(await author.post(f"{author.handle} {number}"))  # noqa: PERF401 - in the order of answers

    got: list[dict[str, Any]] = []
    async with asyncio.TaskGroup() as tasks:
        for author in (alice, bob):
            tasks.create_task(post(author))
        while len(got) < 40:
            async with reader.socket() as socket:
                await socket.watch_home(cursor)
                got += [await socket.event() for _ in range(min(7, 40 - len(got)))]
                cursor = got[-1]["cursor"]
    assert sorted(event["edge"]["node"]["id"] for event in got) == sorted(posted)
    for author in (alice, bob):
        texts = [event["edge"]["node"]["text"] for event in got]
        assert [text for text in texts if text.startswith(author.handle)] == [
            f"{author.handle} {number}" for number in range(20)
        ]
    async with reader.socket() as socket:
        await socket.watch_home(cursor)
        await shared_service.settle()
        assert await is_quiet(socket)


async def test_cursor_of_a_trimmed_event_causes_a_reset(shared_service: Service) -> None:
    reader, alice = await pair(shared_service)
    head = (await reader.home())["headCursor"]
    user, first = number_of(reader), shared_service.stores.ids()
    for item in range(first, first + 2 * EVENTS_KEPT):  # ids without a tweet, which the rules drop
        await shared_service.stores.timelines.home.push([user], item)
    async with reader.socket() as socket:
        await socket.watch_home(head)
        reset = await socket.event()
        assert (reset["__typename"], reset["reason"]) == ("TimelineReset", "CURSOR_TOO_OLD")
        await alice.post("after the reset")
        assert await added(socket, 1) == ["after the reset"]
    async with reader.socket() as socket:
        await socket.watch_home(reset["cursor"])
        assert await added(socket, 1) == ["after the reset"]


async def test_removal_of_a_withheld_item_is_withheld_after_a_resumption(shared_service: Service) -> None:
    reader, alice = await pair(shared_service)
    cursor = (await reader.home())["headCursor"]
    user, timelines = number_of(reader), shared_service.stores.timelines.home
    unseen = [shared_service.stores.ids() for _ in range(3)]  # ids without a tweet, which the rules drop
    for item in unseen:
        await timelines.push([user], item)
    async with reader.socket() as socket:
        await socket.watch_home(cursor)
        tweet = await alice.post("seen")
        cursor = (await socket.event())["cursor"]
    await timelines.remove([user], [(ItemKind.TWEET, item) for item in unseen[:2]])
    await alice.delete(tweet)
    await shared_service.settle()
    async with reader.socket() as socket:
        await socket.watch_home(cursor)
        event = await socket.event()
        assert (event["__typename"], event["nodeId"]) == ("TimelineItemRemoved", tweet)
    await timelines.remove([user], [(ItemKind.TWEET, unseen[2])])
    await alice.post("the last")
    async with reader.socket() as socket:
        await socket.watch_home(event["cursor"])
        assert await added(socket, 1) == ["the last"]
        assert await is_quiet(socket)


async def test_cursor_of_an_earlier_epoch_causes_a_reset(shared_service: Service) -> None:
    reader, alice = await pair(shared_service)
    head = (await reader.home())["headCursor"]
    await shared_service.stores.redis.delete(keys.live(keys.home(number_of(reader))))  # as if 15 minutes had passed
    await alice.post("unseen")
    await shared_service.settle()
    async with reader.socket() as socket:
        await socket.watch_home(head)
        reset = await socket.event()
        assert (reset["__typename"], reset["reason"]) == ("TimelineReset", "CURSOR_TOO_OLD")
        await alice.post("after the reset")
        assert await added(socket, 1) == ["after the reset"]
