"""homeTimelineEvents: each change once and in order, also after a resumption with a cursor."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.subscriptions.timelines.helpers import added, is_quiet, pair, until_live
from tests.support.people import EVENTS, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_without_a_cursor_events_begin_now(shared_service: Service) -> None:
    reader, alice = await pair(shared_service)
    await alice.post("before")
    await shared_service.settle()
    async with reader.socket() as socket:
        await socket.watch_home()
        await until_live(shared_service, reader)
        posted = [await alice.post(f"now {number}") for number in range(3)]
        events = [await socket.event() for _ in posted]
    assert [event["edge"]["node"]["id"] for event in events] == posted
    assert len({event["cursor"] for event in events}) == 3


async def test_event_has_item_reason_cursor_and_time(shared_service: Service) -> None:
    reader, alice = await pair(shared_service)
    head = (await reader.home())["headCursor"]
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    async with reader.socket() as socket:
        await socket.watch_home(head)
        tweet = await alice.post("hers")
        first = await socket.event()
        own = await reader.post("mine")
        second = await socket.event()
    page = await reader.home()
    assert [event["edge"] for event in (second, first)] == page["edges"]
    assert [(edge["reason"], edge["node"]["id"]) for edge in page["edges"]] == [("SELF", own), ("FOLLOWING", tweet)]
    for event in (first, second):
        assert before <= datetime.fromisoformat(event["at"]) <= datetime.now(UTC)
        assert event["at"].endswith("Z")


async def test_each_socket_of_a_person_gets_everything(shared_service: Service) -> None:
    reader, alice = await pair(shared_service)
    head = (await reader.home())["headCursor"]
    async with reader.socket() as phone, reader.socket() as laptop:
        for socket in (phone, laptop):
            await socket.watch_home(head)
        for number in range(5):
            await alice.post(f"tweet {number}")
        expected = [f"tweet {number}" for number in range(5)]
        assert [await added(socket, 5) for socket in (phone, laptop)] == [expected, expected]


async def test_deletion_is_sent_once(shared_service: Service) -> None:
    reader, alice = await pair(shared_service)
    head = (await reader.home())["headCursor"]
    async with reader.socket() as socket:
        await socket.watch_home(head)
        tweet = await alice.post("gone soon")
        cursor = (await socket.event())["cursor"]
        await alice.delete(tweet)
        event = await socket.event()
        assert (event["__typename"], event["nodeId"]) == ("TimelineItemRemoved", tweet)
        await shared_service.settle()
        assert await is_quiet(socket)
    async with reader.socket() as socket:
        await socket.watch_home(cursor)
        event = await socket.event()
        assert (event["__typename"], event["nodeId"]) == ("TimelineItemRemoved", tweet)


async def test_unfollow_removes_items_one_by_one_and_follow_resets(shared_service: Service) -> None:
    reader, alice = await pair(shared_service)
    tweets = [await alice.post(f"tweet {number}") for number in range(3)]
    await shared_service.settle()
    head = (await reader.home())["headCursor"]
    async with reader.socket() as socket:
        await socket.watch_home(head)
        await reader.unfollow(alice)
        events = [await socket.event() for _ in tweets]
        assert {event["__typename"] for event in events} == {"TimelineItemRemoved"}
        assert sorted(event["nodeId"] for event in events) == sorted(tweets)
        await reader.follow(alice)
        event = await socket.event()
        assert (event["__typename"], event["reason"]) == ("TimelineReset", "REBUILT")
        await alice.post("new")
        assert await added(socket, 1) == ["new"]
    assert await reader.home_texts() == ["new", "tweet 2", "tweet 1", "tweet 0"]


async def test_items_outside_the_timeline_are_not_sent(shared_service: Service) -> None:
    reader, alice = await pair(shared_service)
    carol = await sign_up(shared_service, "carol")
    theirs = await carol.post("by a stranger")
    head = (await reader.home())["headCursor"]
    async with reader.socket() as socket:
        await socket.watch_home(head)
        await alice.post("to a stranger", inReplyTo=theirs)
        await carol.post("by a stranger again")
        await alice.post("to everybody")
        assert await added(socket, 1) == ["to everybody"]


async def test_invalid_arguments_end_only_their_operation(shared_service: Service) -> None:
    reader, alice = await pair(shared_service)
    await alice.post("one")
    await shared_service.settle()
    page = await reader.home()
    head, item = page["headCursor"], page["edges"][0]["cursor"]
    tampered = ("B" if head[0] != "B" else "C") + head[1:]
    with_device = EVENTS.replace("(after: $after)", '(after: $after, device: {kind: WEB, locale: "nul\\u0000"})')
    async with reader.socket() as socket:
        for cursor in ("", "x", "\0", "é", item, tampered, head[:-1], head + "A", head + "=", "x" * 5_000):
            await socket.subscribe(EVENTS, after=cursor)
            assert (cursor, await socket.error()) == (cursor, ["BAD_CURSOR"])
        await socket.subscribe(EVENTS, after=5)
        assert await socket.error() == ["BAD_USER_INPUT"]
        await socket.subscribe(with_device, after=None)
        assert await socket.error() == ["BAD_USER_INPUT"]
        await socket.subscribe("subscription { nonsense }")
        assert await socket.error() == ["GRAPHQL_VALIDATION_FAILED"]
        await socket.subscribe(EVENTS, after=head)
        await alice.post("two")
        assert await added(socket, 1) == ["two"]
