"""Sign-ins on devices that were not seen before."""

from typing import Any

import pytest

from tests.resolvers.accounts.test_sessions import sign_in
from tests.support.mails.mailbox import (
    CHANGE_EMAIL,
    CHANGE_HANDLE,
    NEW_DEVICE,
    VERIFICATION,
    mail_to,
    newcomer,
    subjects_to,
)
from tests.support.people import PASSWORD, Person, unused_handle
from tests.support.scenarios.notifications import PREFER, notifications
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Mails go to the catcher.
SETTINGS = {"smtp_url": None}

NOTES = """query($filter: NotificationFilter! = ALL) { viewer { unreadNotificationCount
  notificationPreferences { kind } }
  notifications(filter: $filter) { unreadCount edges { node {
    kind isRead actorCount actors { handle } tweet { id } } } } }"""
READ = "mutation { markNotificationsRead { unreadCount userErrors { code } } }"
CHANGE = """mutation($current: String!, $new: String!) { changePassword(current: $current, new: $new) {
  viewer { user { id } } userErrors { code field } } }"""
EVENTS = """subscription($after: String) { notificationEvents(after: $after) {
  ... on NotificationChanged { unreadCount notification { kind actorCount } } } }"""
SECURITY = {"kind": "SECURITY", "isRead": False, "actorCount": 0, "actors": [], "tweet": None}


async def notes(person: Person, chosen: str = "ALL") -> list[dict[str, Any]]:
    await person.service.settle()
    edges = (await person.ask(NOTES, filter=chosen))["notifications"]["edges"]
    return [edge["node"] for edge in edges]


async def test_new_device_is_told_of_once(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alice", device={"kind": "WEB"})
    await sign_in(alice)  # the same kind from the same address
    assert await notes(alice) == []
    for _ in range(2):
        await sign_in(alice, kind="IOS")
    mail = await mail_to(shared_service, email, NEW_DEVICE)
    assert "an iPhone or iPad" in mail["text"]
    assert await notes(alice) == [SECURITY]
    for _ in range(2):
        await sign_in(alice, id="made by the client")
        await sign_in(alice, id="made by another client")
    assert await notes(alice) == [SECURITY] * 3
    assert await subjects_to(shared_service, email) == [VERIFICATION, *[NEW_DEVICE] * 3]


async def test_changes_of_an_account_are_notifications_that_count(shared_service: Service) -> None:
    alice, _ = await newcomer(shared_service, "alice")
    head = (await notifications(alice))["headCursor"]
    async with alice.socket() as socket:
        await socket.subscribe(EVENTS, after=head)
        await alice.act(CHANGE, current=PASSWORD, new="staple battery")
        event = await socket.event()
    assert event == {"unreadCount": 1, "notification": {"kind": "SECURITY", "actorCount": 0}}
    await alice.act(CHANGE_HANDLE, handle=unused_handle("renamed"), password="staple battery")
    await alice.act(CHANGE_EMAIL, email=f"{unused_handle('moved')}@example.org", password="staple battery")
    assert await notes(alice) == [SECURITY] * 3
    assert await notes(alice, "UNREAD") == [SECURITY] * 3
    assert await notes(alice, "MENTIONS") == []
    answer = await alice.ask(NOTES)
    assert (answer["viewer"]["unreadNotificationCount"], answer["notifications"]["unreadCount"]) == (3, 3)
    assert "SECURITY" not in [row["kind"] for row in answer["viewer"]["notificationPreferences"]]
    assert await alice.refused(PREFER, kind="SECURITY", audience="NOBODY") == [("INVALID", ["kind"])]
    assert (await alice.act(READ))["unreadCount"] == 0
    assert await notes(alice) == [{**SECURITY, "isRead": True}] * 3
