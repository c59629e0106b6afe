"""notificationEvents: each change once and in order, also after a resumption with a cursor."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from datastore.notifications.visible import Notification
from resolvers.notifications import visible_notification
from tests.support.people import Person, Socket, connected, sign_up
from tests.support.scenarios.notifications import (
    BLOCK,
    LIKE,
    MUTE,
    MUTE_WORDS,
    NOTIFICATIONS,
    PROFILE,
    READ,
    UNBLOCK,
    UNLIKE,
    UNMUTE,
    notifications,
)
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVENTS = """subscription Events($after: String) { notificationEvents(after: $after) {
  __typename
  ... on StreamEvent { cursor at }
  ... on NotificationChanged { unreadCount notification { id kind actorCount isRead actors { handle } tweet { id } } }
  ... on UnreadCountChanged { unreadCount }
  ... on NotificationsReset { reason } } }"""


async def watch(socket: Socket, after: str | None) -> None:
    await socket.subscribe(EVENTS, after=after)


async def pair(service: Service) -> tuple[Person, Person, str]:
    """Alice, a fan of hers, and the cursor from which she subscribes."""
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    return alice, bob, (await notifications(alice))["headCursor"]


def grown(event: dict[str, Any]) -> tuple[str, int, int]:
    """Kind, number of actors and unread count of a changed group."""
    assert event["__typename"] == "NotificationChanged", event
    return event["notification"]["kind"], event["notification"]["actorCount"], event["unreadCount"]


async def is_quiet(socket: Socket) -> bool:
    """Whether no event waits, for a pong would come after it."""
    await socket.send({"type": "ping"})
    return await socket.message() == {"type": "pong"}


async def test_new_and_grown_groups_are_sent_with_the_unread_count(shared_service: Service) -> None:
    alice, bob, head = await pair(shared_service)
    carol = await sign_up(shared_service, "carol")
    tweet = await alice.post("liked")
    async with alice.socket() as socket:
        await watch(socket, head)
        await bob.act(LIKE, id=tweet)
        assert grown(await socket.event()) == ("LIKE", 1, 1)
        await bob.follow(alice)
        assert grown(await socket.event()) == ("FOLLOW", 1, 2)
        await carol.act(LIKE, id=tweet)
        event = await socket.event()
        assert grown(event) == ("LIKE", 2, 2)
        assert event["notification"]["tweet"] == {"id": tweet}
        await shared_service.settle()
        assert await is_quiet(socket)


async def test_read_and_undo_send_the_unread_count(shared_service: Service) -> None:
    alice, bob, head = await pair(shared_service)
    tweet = await alice.post("liked")
    async with alice.socket() as socket:
        await watch(socket, head)
        await bob.act(LIKE, id=tweet)
        assert grown(await socket.event()) == ("LIKE", 1, 1)
        await bob.act(UNLIKE, id=tweet)
        event = await socket.event()
        assert (event["__typename"], event["unreadCount"]) == ("UnreadCountChanged", 0)
        await bob.follow(alice)
        assert grown(await socket.event()) == ("FOLLOW", 1, 1)
        assert (await alice.act(READ))["unreadCount"] == 0
        event = await socket.event()
        assert (event["__typename"], event["unreadCount"]) == ("UnreadCountChanged", 0)
        await shared_service.settle()
        assert await is_quiet(socket)


async def test_a_protection_hides_and_shows_again_what_was_counted(shared_service: Service) -> None:
    alice, bob, head = await pair(shared_service)
    async with alice.socket() as socket:
        await watch(socket, head)
        await bob.follow(alice)
        assert grown(await socket.event()) == ("FOLLOW", 1, 1)
        for is_protected, unread in ((True, 0), (False, 1)):
            await bob.act(PROFILE, input={"isProtected": is_protected})
            event = await socket.event()
            assert (event["__typename"], event["unreadCount"]) == ("UnreadCountChanged", unread)


async def test_head_of_a_page_closes_the_gap_before_the_subscription(shared_service: Service) -> None:
    alice, bob, _ = await pair(shared_service)
    tweets = [await alice.post(f"tweet {number}") for number in range(3)]
    await bob.act(LIKE, id=tweets[0])
    page = await notifications(alice)
    for tweet in tweets[1:]:
        await bob.act(LIKE, id=tweet)
    await shared_service.settle()
    async with alice.socket() as socket:
        await watch(socket, page["headCursor"])
        events = [await socket.event() for _ in tweets[1:]]
        assert [event["notification"]["tweet"]["id"] for event in events] == tweets[1:]
        assert await is_quiet(socket)


async def test_resumption_yields_missed_events_once_and_in_order(shared_service: Service) -> None:
    alice, bob, head = await pair(shared_service)
    tweets = [await alice.post(f"tweet {number}") for number in range(9)]
    cursor = head
    seen: list[str] = []
    for tweet in tweets:
        await bob.act(LIKE, id=tweet)
        await shared_service.settle()
    for count in (1, 4, 2, 2):
        async with alice.socket() as socket:
            await watch(socket, cursor)
            events = [await socket.event() for _ in range(count)]
        seen += [event["notification"]["tweet"]["id"] for event in events]
        cursor = events[-1]["cursor"]
    assert seen == tweets
    async with alice.socket() as socket:
        await watch(socket, cursor)
        assert await is_quiet(socket)
        await bob.follow(alice)
        assert grown(await socket.event()) == ("FOLLOW", 1, 10)


async def test_without_a_cursor_events_begin_now_on_every_socket(shared_service: Service) -> None:
    alice, bob, _ = await pair(shared_service)
    tweet = await alice.post("liked")
    await bob.act(LIKE, id=tweet)
    await shared_service.settle()
    async with alice.socket() as phone, alice.socket() as laptop:
        for socket in (phone, laptop):
            await watch(socket, None)
            assert await is_quiet(socket)
        await bob.follow(alice)
        assert [grown(await socket.event()) for socket in (phone, laptop)] == [("FOLLOW", 1, 2)] * 2


async def test_notification_that_became_invisible_is_not_sent(shared_service: Service) -> None:
    alice, bob, head = await pair(shared_service)
    carol, dave = await sign_up(shared_service, "carol"), await sign_up(shared_service, "dave")
    await alice.act(MUTE_WORDS, words=["spoiler"])
    tweet = await alice.post("liked")
    for who in (bob, carol):
        await who.act(LIKE, id=tweet)
        await who.post("an answer", inReplyTo=tweet)
    await dave.post(f"a spoiler for @{alice.handle}")
    gone = await dave.post(f"soon gone @{alice.handle}")
    await shared_service.settle()
    await alice.act(BLOCK, id=bob.id)
    await alice.act(MUTE, id=carol.id)
    await dave.delete(gone)
    await dave.follow(alice)
    await shared_service.settle()
    async with alice.socket() as socket:
        await watch(socket, head)
        events = [await socket.event() for _ in range(2)]
        assert [event["__typename"] for event in events] == ["UnreadCountChanged", "NotificationChanged"]
        assert grown(events[1]) == ("FOLLOW", 1, 1)
        assert await is_quiet(socket)


async def test_lost_log_causes_a_reset(shared_service: Service) -> None:
    alice, bob, head = await pair(shared_service)
    tweet = await alice.post("liked")
    await bob.act(LIKE, id=tweet)
    await shared_service.settle()
    await shared_service.stores.redis.flushdb()
    async with alice.socket() as socket:
        await watch(socket, head)
        event = await socket.event()
        assert (event["__typename"], event["reason"]) == ("NotificationsReset", "CURSOR_TOO_OLD")
        await bob.follow(alice)
        assert grown(await socket.event()) == ("FOLLOW", 1, 2)
        assert await is_quiet(socket)


async def test_foreign_cursors_are_refused(shared_service: Service) -> None:
    alice, _, head = await pair(shared_service)
    home = (await alice.home())["headCursor"]
    for cursor in (home, "nonsense", head[:-1]):
        async with alice.socket() as socket:
            await watch(socket, cursor)
            assert await socket.error() == ["BAD_CURSOR"]
    assert await alice.failed(NOTIFICATIONS, first=1, after=head, filter="ALL") == ["BAD_CURSOR"]


async def test_anonymous_subscriber_is_refused(shared_service: Service) -> None:
    async with connected(shared_service, None) as socket:
        await watch(socket, None)
        assert await socket.error() == ["UNAUTHENTICATED"]


async def test_mutes_blocks_and_muted_words_send_the_unread_count(shared_service: Service) -> None:
    alice, bob, head = await pair(shared_service)
    async with alice.socket() as socket:
        await watch(socket, head)
        await bob.post(f"a spoiler for @{alice.handle}")
        assert grown(await socket.event()) == ("MENTION", 1, 1)
        counts = []
        for document in (MUTE, UNMUTE, BLOCK, UNBLOCK):
            await alice.act(document, id=bob.id)
            counts.append((await socket.event())["unreadCount"])
        for words in (["spoiler"], []):
            await alice.act(MUTE_WORDS, words=words)
            counts.append((await socket.event())["unreadCount"])
        await alice.act(UNMUTE, id=bob.id)
        await shared_service.settle()
        assert await is_quiet(socket)
    assert counts == [0, 1, 0, 1, 0, 1]


async def test_one_read_serves_all_sockets_of_a_user(shared_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = 0
    read = visible_notification

    async def count_read(*arguments: Any) -> Notification | None:
        nonlocal reads
        reads += 1
        return await read(*arguments)

    alice, bob, head = await pair(shared_service)
    tweet = await alice.post("liked")
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(alice.socket()) for _ in range(3)]
        for socket in sockets:
            await watch(socket, head)
        await bob.follow(alice)
        for socket in sockets:  # each has caught up with the log, and relies on deliveries
            assert grown(await socket.event()) == ("FOLLOW", 1, 1)
        monkeypatch.setattr("resolvers.timelines.live_events.visible_notification", count_read)
        await bob.act(LIKE, id=tweet)
        events = [await socket.event() for socket in sockets]
        assert [grown(event) for event in events] == [("LIKE", 1, 2)] * 3
        assert len({event["cursor"] for event in events}) == 1
        assert reads == 1


async def test_cursor_of_an_event_marks_all_that_the_stream_told_of_as_read(shared_service: Service) -> None:
    """Also the cursor of a count, and one of a stream that was resumed; a page's headCursor marks the page."""
    alice, bob, head = await pair(shared_service)
    assert (await alice.act(READ, upTo=head))["unreadCount"] == 0
    tweets, cursors = [await alice.post(str(number)) for number in range(4)], list[str]()
    async with alice.socket() as socket:
        await watch(socket, head)
        for tweet in tweets[:2]:
            await bob.act(LIKE, id=tweet)
            cursors.append((await socket.event())["cursor"])
    assert (await alice.act(READ, upTo=cursors[0]))["unreadCount"] == 1
    async with alice.socket() as socket:
        await watch(socket, cursors[1])
        count = await socket.event()
        assert count["unreadCount"] == 1
        await bob.act(LIKE, id=tweets[2])
        await socket.event()
    assert (await alice.act(READ, upTo=count["cursor"]))["unreadCount"] == 1
    head = (await notifications(alice))["headCursor"]
    await bob.act(LIKE, id=tweets[3])
    await shared_service.settle()
    assert (await alice.act(READ, upTo=head))["unreadCount"] == 1
    home = (await alice.home())["headCursor"]
    assert await alice.failed(READ, upTo=home) == ["BAD_CURSOR"]
