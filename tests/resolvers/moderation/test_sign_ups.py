"""Sign-ups where a moderator must approve them, and where nobody can sign up."""

from collections.abc import AsyncIterator

import pytest

from core.settings import SignUp
from schema.values.nodes import NodeType, decode_id, global_id
from tests.support.people import PASSWORD, REGISTER, Person, refusals, registration, sign_up
from tests.support.scenarios.moderators import sign_up_moderator
from tests.support.service import Service, running_service, settings_for

LOGIN = """mutation($login: String!, $password: String!) { login(input: {login: $login, password: $password}) {
  tokens { accessToken } userErrors { code field message } } }"""
QUEUE = """query Queue($first: Int!, $after: String) { moderation { signUps(first: $first, after: $after) {
  edges { node { id handle } } pageInfo { hasNextPage endCursor } } } }"""
REVIEW = """mutation Review($id: ID!, $isApproved: Boolean!, $note: String) {
  reviewSignUp(userId: $id, isApproved: $isApproved, note: $note) {
    user { id handle } userErrors { code field message } } }"""
FIND = """query Find($handle: String!) { user(handle: $handle) { id }
  searchUsers(query: $handle, first: 5) { edges { node { handle } } } }"""
NODE = "query Node($id: ID!) { node(id: $id) { id } }"


@pytest.fixture
async def open_service(service_database: str, redis_url: str) -> AsyncIterator[Service]:
    async with running_service(settings_for(service_database, redis_url)) as service:
        yield service


@pytest.fixture
async def moderator(open_service: Service) -> Person:
    return await sign_up_moderator(open_service)


@pytest.fixture
async def choosy(open_service: Service, moderator: Person) -> AsyncIterator[Service]:
    """The same stores, where sign-ups wait for approval."""
    settings = open_service.settings.model_copy(update={"sign_up": SignUp.APPROVAL})
    async with running_service(settings, with_workers=False) as service:
        yield service


async def waiting(moderator: Person, first: int = 100) -> dict[str, str]:
    """Ids by handle, oldest first, read in pages."""
    found, after, has_next = dict[str, str](), None, True
    while has_next:
        page = (await moderator.ask(QUEUE, first=first, after=after))["moderation"]["signUps"]
        found |= {edge["node"]["handle"]: edge["node"]["id"] for edge in page["edges"]}
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return found


async def register(service: Service, name: str) -> str:
    """The handle of somebody who gets no tokens."""
    wanted = registration(name)
    payload = (await service.ask(REGISTER, {"input": wanted}))["data"]["register"]
    assert payload == {"tokens": None, "viewer": None, "userErrors": []}
    handle: str = wanted["handle"]
    return handle


async def sign_in(service: Service, handle: str) -> list[str]:
    """Codes of the refusal; empty where it succeeded."""
    payload = (await service.ask(LOGIN, {"login": handle, "password": PASSWORD}))["data"]["login"]
    assert (payload["tokens"] is None) is bool(payload["userErrors"])
    return [error["code"] for error in payload["userErrors"]]


async def test_account_waits_unseen_until_it_is_let_in(choosy: Service, moderator: Person) -> None:
    first, second = await register(choosy, "first"), await register(choosy, "second")
    assert [handle for handle in await waiting(moderator, 1) if handle in (first, second)] == [first, second]
    ids = await waiting(moderator)
    answer = await choosy.ask(LOGIN, {"login": first, "password": PASSWORD})
    (error,) = answer["data"]["login"]["userErrors"]
    assert (error["code"], "waits for approval" in error["message"]) == ("FORBIDDEN", True)
    wrong = await choosy.ask(LOGIN, {"login": first, "password": "wrong horse"})
    assert wrong["data"]["login"]["userErrors"][0]["code"] == "WRONG_CREDENTIALS"
    assert await moderator.ask(FIND, handle=first) == {"user": None, "searchUsers": {"edges": []}}
    assert (await moderator.ask(NODE, id=ids[first]))["node"] is None
    again = registration(handle=first.upper())
    assert await refusals(choosy, REGISTER, input=again) == [("TAKEN", ["input", "handle"])]

    let_in = await moderator.act(REVIEW, id=ids[first], isApproved=True, note="a friend")
    assert let_in["user"] == {"id": ids[first], "handle": first}
    assert await sign_in(choosy, first) == []
    assert (await moderator.ask(FIND, handle=first))["user"] == {"id": ids[first]}
    assert list(await waiting(moderator)).count(first) == 0
    assert await sign_in(choosy, second) == ["FORBIDDEN"]
    row = await choosy.stores.mongo.collection("moderation_log").find_one(
        {"subject": decode_id(ids[first], NodeType.USER)}
    )
    assert (row["action"], row["note"]) == ("APPROVE_SIGN_UP", "a friend")


async def test_refused_account_is_gone_and_its_handle_free(
    choosy: Service, open_service: Service, moderator: Person
) -> None:
    handle = await register(choosy, "refused")
    user_id = (await waiting(moderator))[handle]
    await moderator.act(REVIEW, id=user_id, isApproved=False)
    assert await sign_in(choosy, handle) == ["WRONG_CREDENTIALS"]
    await open_service.settle()
    assert await choosy.stores.mongo.collection("users").find_one({"handle": handle}) is None
    assert await refusals(choosy, REGISTER, input=registration(handle=handle)) == []
    for is_approved in (True, False):
        assert await moderator.refused(REVIEW, id=user_id, isApproved=is_approved) == [("NOT_FOUND", ["userId"])]


async def test_only_moderators_let_people_in(choosy: Service, open_service: Service, moderator: Person) -> None:
    handle, member = await register(choosy, "waits"), await sign_up(open_service, "member")
    user_id = (await waiting(moderator))[handle]
    assert await member.refused(REVIEW, id=user_id, isApproved=True) == [("FORBIDDEN", [])]
    assert await moderator.refused(REVIEW, id=user_id, isApproved=True, note="x" * 1_001) == [("TOO_LONG", ["note"])]
    assert await moderator.refused(REVIEW, id=global_id("User", 7), isApproved=True) == [("NOT_FOUND", ["userId"])]
    assert await moderator.refused(REVIEW, id=member.id, isApproved=False) == [("NOT_FOUND", ["userId"])]
    assert handle in await waiting(moderator)


async def test_nobody_signs_up_where_it_is_closed(service_database: str, redis_url: str) -> None:
    async with running_service(settings_for(service_database, redis_url, sign_up="closed")) as service:
        before = await service.fingerprint()
        assert await refusals(service, REGISTER, input=registration()) == [("FORBIDDEN", ["input"])]
        assert await service.fingerprint() == before
