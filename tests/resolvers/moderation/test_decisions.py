"""Decisions: who may make them about what, their versions, their end, and how they are told."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core.auth.tokens import utc_now
from core.roles import Role
from schema.values.nodes import NodeType, global_id
from tests.support.mails.mailbox import mail_to, subjects_to
from tests.support.people import Person, sign_up
from tests.support.scenarios.moderators import (
    MODERATE,
    REVOKE,
    log_about,
    moderate,
    queue,
    report,
    revoke,
    sign_up_moderator,
)
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN_DATABASE = True
SETTINGS = {"smtp_url": None}

MINE = """{ viewer { decisions { edges { node { id action reason explanation until revokedAt appeal { text }
  subject { __typename ... on Tweet { text } ... on User { handle } } } } } } }"""
STANDING = """query($subject: ID) { moderation { decisions(first: 100, subject: $subject) {
  edges { node { id action } } } } }"""
HISTORY = """query($person: ID!) { moderation { history(person: $person) {
  edges { node { action revokedAt } } } } }"""
NODE = "query($id: ID!) { node(id: $id) { ... on Decision { action explanation } } }"
NOTIFICATIONS = "{ notifications { unreadCount edges { node { kind actorCount isRead } } } }"
PREFER = """mutation { setNotificationPreference(kind: DECISION, audience: NOBODY) {
  viewer { email } userErrors { code field } } }"""
EMAIL = "{ viewer { email } }"
VERIFIED = """mutation($id: ID!, $is: Boolean!) { setVerified(userId: $id, isVerified: $is) {
  user { isVerified } userErrors { code field } } }"""
DECISION, REVOKED = "A decision of the moderators", "A decision of the moderators was revoked"


async def mine(person: Person) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await person.ask(MINE))["viewer"]["decisions"]["edges"]]


async def standing(moderator: Person, subject: str | None = None) -> list[tuple[str, str]]:
    page = (await moderator.ask(STANDING, subject=subject))["moderation"]["decisions"]
    return [(edge["node"]["id"], edge["node"]["action"]) for edge in page["edges"]]


async def test_decision_is_told_to_whom_it_concerns(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    moderator = await sign_up_moderator(shared_service)
    tweet = await alice.post("decided about")
    until = utc_now() + timedelta(days=2)
    warned = await moderate(moderator, tweet, "WARN", explanation="Be kind.", until=until)
    assert warned["subject"] == {"id": tweet, "text": "decided about"}
    assert (warned["explanation"], warned["revokedAt"], warned["appeal"]) == ("Be kind.", None, None)
    limited = await moderate(moderator, alice.id, "LIMIT")
    first, second = await mine(alice)
    assert (first["action"], first["subject"]) == ("LIMIT", {"__typename": "User", "handle": alice.handle})
    assert (second["action"], second["explanation"]) == ("WARN", "Be kind.")
    assert second["subject"] == {"__typename": "Tweet", "text": "decided about"}
    assert await standing(moderator, alice.id) == [(limited["id"], "LIMIT")]
    assert await standing(moderator) == [(limited["id"], "LIMIT"), (warned["id"], "WARN")]
    for reader, seen in ((alice, "WARN"), (moderator, "WARN"), (bob, None)):
        assert ((await reader.ask(NODE, id=warned["id"]))["node"] or {"action": None})["action"] == seen

    address = (await alice.ask(EMAIL))["viewer"]["email"]
    mail = await mail_to(shared_service, address, DECISION)
    assert "Be kind." in mail["text"]
    assert f"{until:%d %B %Y, %H:%M}" in mail["text"]
    await shared_service.settle()
    shown = (await alice.ask(NOTIFICATIONS))["notifications"]
    assert shown["unreadCount"] == 2
    assert [edge["node"] for edge in shown["edges"]] == [{"kind": "DECISION", "actorCount": 0, "isRead": False}] * 2
    assert await alice.refused(PREFER) == [("INVALID", ["kind"])]

    assert (await revoke(moderator, limited, "wrong"))["revokedAt"] is not None
    again = await revoke(moderator, limited)
    assert (await mine(alice))[0]["revokedAt"] == again["revokedAt"]
    assert await standing(moderator, alice.id) == []
    history = (await moderator.ask(HISTORY, person=alice.id))["moderation"]["history"]["edges"]
    assert [edge["node"]["action"] for edge in history] == ["LIMIT", "WARN"]
    lines = [("REVOKE LIMIT", "wrong", moderator.handle), ("LIMIT", "SPAM", moderator.handle)]
    assert await log_about(moderator, alice.id) == lines
    assert (await subjects_to(shared_service, address)).count(REVOKED) == 1


async def test_decision_ends_by_itself(shared_service: Service) -> None:
    alice, moderator = await sign_up(shared_service, "alice"), await sign_up_moderator(shared_service)
    await moderate(moderator, alice.id, "WARN", until=utc_now() + timedelta(seconds=1))

    async def ended() -> bool:
        return (await mine(alice))[0]["revokedAt"] is not None

    await eventually(ended)
    assert await standing(moderator, alice.id) == []
    assert [line[0] for line in await log_about(moderator, alice.id)] == ["END WARN", "WARN"]


async def test_decision_that_may_not_be_made_changes_nothing(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    moderator, other = await sign_up_moderator(shared_service), await sign_up_moderator(shared_service)
    admin = await sign_up_moderator(shared_service, Role.ADMIN)
    tweet = await alice.post("refused")
    await report(bob, tweet)

    async def refused(person: Person, subject: str, action: str, **more: Any) -> list[tuple[str, list[str]]]:
        wanted = {"subject": subject, "action": action, "reason": "SPAM"} | more
        return await person.refused(MODERATE, input=wanted)

    for person in (alice, bob):
        assert await refused(person, tweet, "REMOVE") == [("FORBIDDEN", [])]
    for person, about in ((moderator, other), (moderator, admin), (moderator, moderator)):
        assert await refused(person, about.id, "WARN") == [("FORBIDDEN", ["input", "subject"])]
    assert await refused(admin, admin.id, "WARN") == [("FORBIDDEN", ["input", "subject"])]
    assert await refused(admin, admin.id, "SUSPEND") == [("CONFLICT", ["input", "subject"])]
    for subject, action in (
        *((tweet, one) for one in ("LIMIT", "SUSPEND")),
        *((alice.id, one) for one in ("REMOVE", "MARK_SENSITIVE")),
    ):
        assert await refused(moderator, subject, action) == [("INVALID", ["input", "action"])]
    for subject in (global_id("Tweet", 7), global_id("User", 7)):
        assert await refused(moderator, subject, "WARN") == [("NOT_FOUND", ["input", "subject"])]
    past = f"{utc_now() - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    assert await refused(moderator, tweet, "WARN", until=past) == [("INVALID", ["input", "until"])]
    assert await refused(moderator, tweet, "WARN", explanation="x" * 1_001) == [("TOO_LONG", ["input", "explanation"])]
    assert await refused(moderator, tweet, "WARN", version="other") == [("CONFLICT", ["input", "version"])]
    assert await standing(moderator, tweet) == []
    assert [await mine(person) for person in (alice, other, admin)] == [[], [], []]
    (entry,) = await queue(moderator, subject=tweet)
    assert entry["state"] == "OPEN"
    unknown = global_id(NodeType.DECISION, 7)
    assert await moderator.refused(REVOKE, id=unknown) == [("NOT_FOUND", ["id"])]
    made = await moderate(admin, other.id, "WARN")
    assert await alice.refused(REVOKE, id=made["id"]) == [("FORBIDDEN", [])]
    for person in (moderator, other):
        assert await person.refused(REVOKE, id=made["id"]) == [("FORBIDDEN", ["id"])]


async def test_of_two_moderators_at_once_one_decides(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    one, other = await sign_up_moderator(shared_service), await sign_up_moderator(shared_service)
    tweet = await alice.post("decided twice")
    await report(bob, tweet)
    ((entry,),) = [await queue(one, subject=tweet)]

    async def act(moderator: Person, action: str, version: str | None) -> list[str]:
        wanted = {"subject": tweet, "action": action, "reason": "SPAM", "version": version}
        (payload,) = (await moderator.ask(MODERATE, input=wanted)).values()
        return [error["code"] for error in payload["userErrors"]]

    for actions, version in ((("REMOVE", "WARN"), entry["version"]), (("MARK_SENSITIVE", "MARK_SENSITIVE"), None)):
        outcomes = await asyncio.gather(
            *[act(who, what, version) for who, what in zip((one, other), actions, strict=True)]
        )
        assert sorted(outcomes) == [[], ["CONFLICT"]]
    assert await act(one, "MARK_SENSITIVE", None) == ["CONFLICT"]
    assert len(await mine(alice)) == 2


async def test_marks_of_verified_people_are_set_by_moderators(shared_service: Service) -> None:
    alice, moderator = await sign_up(shared_service, "alice"), await sign_up_moderator(shared_service)
    for is_verified in (True, True, False, True):
        shown = await moderator.act(VERIFIED, id=alice.id, **{"is": is_verified})
        assert shown["user"] == {"isVerified": is_verified}
    assert [line[0] for line in await log_about(moderator, alice.id)] == ["VERIFY", "UNVERIFY", "VERIFY"]
    assert await alice.refused(VERIFIED, id=alice.id, **{"is": True}) == [("FORBIDDEN", [])]
    assert await moderator.refused(VERIFIED, id=moderator.id, **{"is": True}) == [("FORBIDDEN", ["userId"])]
    assert await moderator.refused(VERIFIED, id=global_id("User", 7), **{"is": True}) == [("NOT_FOUND", ["userId"])]
