"""Notifications live: what changed is told once each and in order, to whoever comes back with a cursor too."""

from typing import Any

import pytest

from tests.notifying import LIKE, READ, UNLIKE, notifications
from tests.people import Person, Socket, sign_up
from tests.service import Service

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
    """Alice, a fan of hers, and the place from which on she watches."""
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    return alice, bob, (await notifications(alice))["headCursor"]


def grown(event: dict[str, Any]) -> tuple[str, int, int]:
    """Kind, actors and the unread count of a group that changed."""
    assert event["__typename"] == "NotificationChanged", event
    return event["notification"]["kind"], event["notification"]["actorCount"], event["unreadCount"]


async def is_quiet(socket: Socket) -> bool:
    """Whether nothing waits: a pong overtakes no event."""
    await socket.send({"type": "ping"})
    return await socket.message() == {"type": "pong"}


async def test_new_and_grown_groups_are_told_with_the_unread_count(shared_service: Service) -> None:
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


async def test_reading_and_undoing_tell_the_count(shared_service: Service) -> None:
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
