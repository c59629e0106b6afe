"""homeTimelineEvents: each change once and in order, also after a resumption with a cursor."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.auth.tokens import AccessTokens
from core.ids import UserId
from core.settings import signing_keys
from datastore.records.items import ItemKind
from datastore.redis import keys
from datastore.timelines.event_log import EVENTS_KEPT
from tests.support.people import EVENTS, Person, Socket, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


def number_of(person: Person) -> UserId:
    """The user id of the person."""
    keys_ = signing_keys(person.service.settings)
    return AccessTokens(keys_).check(person.token).user_id


async def pair(service: Service) -> tuple[Person, Person]:
    """A reader, and Alice, whom the reader follows."""
    reader, alice = await sign_up(service, "reader"), await sign_up(service, "alice")
    await reader.follow(alice)
    await service.settle()
    return reader, alice


async def added(socket: Socket, count: int) -> list[str]:
    """The texts of the next events, which must all be additions."""
    events = [await socket.event() for _ in range(count)]
    assert {event["__typename"] for event in events} == {"TimelineItemAdded"}
    return [event["edge"]["node"]["text"] for event in events]


async def is_quiet(socket: Socket) -> bool:
    """Whether no event waits, for a pong would come after it."""
    await socket.send({"type": "ping"})
    return await socket.message() == {"type": "pong"}


async def until_live(service: Service, person: Person) -> None:
    """Waits until a person who never read their timeline has subscribed to it."""

    async def is_live() -> bool:
        return bool(await service.stores.redis.exists(keys.live(keys.home(number_of(person)))))

    await eventually(is_live)


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
