"""Handles: change, redirect, quarantine, reserved ones."""

from datetime import timedelta

import pytest

from core.auth.tokens import utc_now
from tests.support.mails.mailbox import (
    CHANGE_HANDLE,
    HANDLE_CHANGED,
    LOGIN,
    mail_to,
    newcomer,
    refused,
)
from tests.support.people import PASSWORD, REGISTER, registration, unused_handle
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Mails go to the catcher.
SETTINGS = {"smtp_url": None}

USER = "query($handle: String!) { user(handle: $handle) { id handle } }"
SEARCH = "query($query: String!) { searchUsers(query: $query) { edges { node { handle } } } }"
TWEET = "query($id: ID!) { tweet(id: $id) { text entities { mentions { handle user { id handle } } } } }"
DELETE = "mutation($password: String!) { deleteAccount(password: $password) { deletedId userErrors { code field } } }"


async def found(service: Service, handle: str) -> dict[str, str] | None:
    user: dict[str, str] | None = (await service.ask(USER, {"handle": handle}))["data"]["user"]
    return user


async def test_former_handle_leads_to_its_person_and_is_nobody_elses(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alice")
    bob, _ = await newcomer(shared_service, "bob")
    mention = await bob.post(f"hello @{alice.handle}")
    old, new = alice.handle, unused_handle("Renamed")
    changed = await alice.act(CHANGE_HANDLE, handle=new, password=PASSWORD)
    assert changed["user"] == {"id": alice.id, "handle": new}
    assert "@" + new in (await mail_to(shared_service, email, HANDLE_CHANGED))["text"]
    for typed in (old, f"@{old.upper()}", new, new.lower()):
        assert await found(shared_service, typed) == {"id": alice.id, "handle": new}
    assert await refused(shared_service, REGISTER, input=registration(handle=old.upper())) == [
        ("TAKEN", ["input", "handle"])
    ]
    assert await bob.refused(CHANGE_HANDLE, handle=old, password=PASSWORD) == [("TAKEN", ["handle"])]
    tweet = (await bob.ask(TWEET, id=mention))["tweet"]
    assert tweet["entities"]["mentions"] == [{"handle": old, "user": {"id": alice.id, "handle": new}}]
    hits = (await bob.ask(SEARCH, query=new))["searchUsers"]["edges"]
    assert [hit["node"]["handle"] for hit in hits] == [new]
    assert await refused(shared_service, LOGIN, input={"login": new, "password": PASSWORD}) == []
    assert await refused(shared_service, LOGIN, input={"login": old, "password": PASSWORD}) == [
        ("WRONG_CREDENTIALS", ["input"])
    ]

    rows = shared_service.stores.mongo.collection("former_handles")
    row = await rows.find_one({"_id": old})
    assert timedelta(days=29, hours=23) < row["leads_until"] - utc_now() < timedelta(days=30)
    assert timedelta(days=89, hours=23) < row["until"] - utc_now() < timedelta(days=90)
    await rows.update_one({"_id": old}, {"$set": {"leads_until": utc_now()}})
    assert await found(shared_service, old) is None
    await rows.update_one({"_id": old}, {"$set": {"until": utc_now()}})
    assert await refused(shared_service, REGISTER, input=registration(handle=old)) == []


async def test_own_former_handle_may_be_taken_back(shared_service: Service) -> None:
    alice, _ = await newcomer(shared_service, "alice")
    other = unused_handle("other")
    for handle in (other, alice.handle, alice.handle.upper(), alice.handle.upper()):
        assert (await alice.act(CHANGE_HANDLE, handle=handle, password=PASSWORD))["user"]["handle"] == handle
    assert await found(shared_service, other) == {"id": alice.id, "handle": alice.handle.upper()}


async def test_refused_change_of_handle_changes_nothing(shared_service: Service) -> None:
    alice, _ = await newcomer(shared_service, "alice")
    bob, _ = await newcomer(shared_service, "bob")
    before = await shared_service.fingerprint()
    for handle, password, errors in (
        ("", PASSWORD, [("INVALID", ["handle"])]),
        ("al ice", PASSWORD, [("INVALID", ["handle"])]),
        ("a" * 16, PASSWORD, [("TOO_LONG", ["handle"])]),
        (bob.handle.upper(), PASSWORD, [("TAKEN", ["handle"])]),
        ("Admin", PASSWORD, [("TAKEN", ["handle"])]),
        ("_rookery_", PASSWORD, [("TAKEN", ["handle"])]),
        (unused_handle("free"), "wrong horse", [("WRONG_CREDENTIALS", ["password"])]),
        ("", "wrong horse", [("INVALID", ["handle"]), ("WRONG_CREDENTIALS", ["password"])]),
    ):
        assert await alice.refused(CHANGE_HANDLE, handle=handle, password=password) == errors
    assert await shared_service.fingerprint() == before


async def test_reserved_handles_are_taken(shared_service: Service) -> None:
    for handle in ("admin", "ROOT", "Support", "moderator", "rookery", "__system"):
        assert await refused(shared_service, REGISTER, input=registration(handle=handle)) == [
            ("TAKEN", ["input", "handle"])
        ]


async def test_handle_of_a_deleted_person_is_nobodys_and_leads_nowhere(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alice")
    first, second = alice.handle, unused_handle("renamed")
    await alice.act(CHANGE_HANDLE, handle=second, password=PASSWORD)
    await alice.act(DELETE, password=PASSWORD)
    await shared_service.settle()
    for handle in (first, second):
        assert await found(shared_service, handle) is None
        assert await refused(shared_service, REGISTER, input=registration(handle=handle)) == [
            ("TAKEN", ["input", "handle"])
        ]
    assert await refused(shared_service, REGISTER, input=registration(email=email)) == []
    for name in ("mails", "mail_tokens", "known_devices", "former_handles"):
        rows = [row async for row in shared_service.stores.mongo.collection(name).find()]
        assert alice.id not in repr(rows)
        assert not [row for row in rows if f"@{first}" in repr(row)]
