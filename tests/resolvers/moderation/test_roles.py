"""Roles: given by the operator and by admins, never by oneself, and never without an admin left."""

import asyncio
from typing import Any

import pytest

from core.roles import Role
from datastore.__main__ import main
from schema.values.nodes import NodeType, decode_id, global_id
from tests.support.people import Person, sign_up
from tests.support.scenarios.moderators import grant, sign_up_moderator
from tests.support.service import SECRET, Service

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN_DATABASE = True

ROLE = "{ viewer { role } moderation { __typename } }"
SET_ROLE = """mutation SetRole($id: ID!, $role: Role!) { setRole(userId: $id, role: $role) {
  user { id } userErrors { code field message } } }"""


async def role_of(person: Person) -> str:
    """Whoever has a role sees the moderators' room, nobody else does."""
    answer = await person.ask(ROLE)
    role: str = answer["viewer"]["role"]
    assert (answer["moderation"] is not None) is (role != "MEMBER")
    return role


async def log_of(service: Service, person: Person) -> list[tuple[Any, str]]:
    subject = decode_id(person.id, NodeType.USER)
    found = service.stores.mongo.collection("moderation_log").find({"subject_type": "User", "subject": subject})
    return [(row["actor"], row["action"]) async for row in found.sort("_id", 1)]


async def test_admin_gives_and_takes_roles_and_each_change_is_in_the_log(shared_service: Service) -> None:
    admin, alice = await sign_up_moderator(shared_service, Role.ADMIN), await sign_up(shared_service, "alice")
    assert await role_of(alice) == "MEMBER"
    for role in ("MODERATOR", "MODERATOR", "ADMIN", "MEMBER"):
        assert (await admin.act(SET_ROLE, id=alice.id, role=role))["user"] == {"id": alice.id}
        assert await role_of(alice) == role
    number = decode_id(admin.id, NodeType.USER)
    assert await log_of(shared_service, alice) == [
        (number, f"SET_ROLE {role}") for role in ("MODERATOR", "ADMIN", "MEMBER")
    ]


async def test_others_give_none(shared_service: Service) -> None:
    moderator, alice = await sign_up_moderator(shared_service), await sign_up(shared_service, "alice")
    for person in (moderator, alice):
        assert await person.refused(SET_ROLE, id=alice.id, role="ADMIN") == [("FORBIDDEN", [])]
    assert await role_of(alice) == "MEMBER"
    answer = await shared_service.ask(SET_ROLE, {"id": alice.id, "role": "ADMIN"})
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert (await shared_service.ask("{ moderation { __typename } }"))["data"] == {"moderation": None}


async def test_nobody_changes_their_own_and_the_last_admin_stays(shared_service: Service) -> None:
    await shared_service.stores.mongo.collection("users").update_many({"role": "ADMIN"}, {"$unset": {"role": 1}})
    one = await sign_up_moderator(shared_service, Role.ADMIN)
    assert await one.refused(SET_ROLE, id=one.id, role="MEMBER") == [("CONFLICT", ["userId"])]
    other = await sign_up_moderator(shared_service, Role.ADMIN)
    assert await one.refused(SET_ROLE, id=one.id, role="MEMBER") == [("FORBIDDEN", ["userId"])]
    assert await one.refused(SET_ROLE, id=global_id("User", 7), role="MEMBER") == [("NOT_FOUND", ["userId"])]
    answers = await asyncio.gather(
        one.ask(SET_ROLE, id=other.id, role="MEMBER"), other.ask(SET_ROLE, id=one.id, role="MEMBER")
    )
    refused = [answer["setRole"]["userErrors"] for answer in answers]
    assert sorted([[error["code"] for error in errors] for errors in refused]) == [[], ["FORBIDDEN"]]
    assert sorted([await role_of(one), await role_of(other)]) == ["ADMIN", "MEMBER"]


async def test_operator_grants_roles_on_the_command_line(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alice, settings = await sign_up(shared_service, "alice"), shared_service.settings
    monkeypatch.setenv("ROOKERY_MONGO_URL", settings.mongo_url or "")
    monkeypatch.setenv("ROOKERY_REDIS_URL", settings.redis_url or "")
    monkeypatch.setenv("ROOKERY_SECRET_KEY", SECRET.get_secret_value())
    words = ["grant", "--handle", f"@{alice.handle.upper()}", "--role", "moderator"]
    assert await asyncio.to_thread(main, words) == 0
    assert await role_of(alice) == "MODERATOR"
    assert await log_of(shared_service, alice) == [(None, "SET_ROLE MODERATOR")]
    assert await asyncio.to_thread(main, ["grant", "--handle", "nobody_here", "--role", "ADMIN"]) == 2
    assert "nobody_here" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["grant", "--handle", alice.handle, "--role", "KING"])
    await grant(alice, Role.MEMBER)
    assert await role_of(alice) == "MEMBER"
