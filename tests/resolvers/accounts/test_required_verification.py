"""Servers that demand the verification of addresses: nothing tells whether an address has an account."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core.auth.tokens import utc_now
from tests.support.mails.mailbox import (
    CHANGE_EMAIL,
    EMAIL_CHANGING,
    IN_USE,
    LOGIN,
    RESEND,
    VERIFICATION,
    VERIFY,
    mail_to,
    refused,
    subjects_to,
    token_of,
)
from tests.support.people import PASSWORD, POST, REGISTER, Person, codes, registration, unused_handle
from tests.support.service import Service
from tests.support.waiting import eventually
from workers.mails.sign_ups import delete_expired_sign_ups

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = {"smtp_url": None, "verify_email": "required"}
USER = "query($handle: String!) { user(handle: $handle) { id } searchUsers(query: $handle) { edges { cursor } } }"
NODE = "query($id: ID!) { node(id: $id) { id } }"
ME = "{ viewer { email isEmailVerified user { id handle } } homeTimeline { state } }"
BIO = 'mutation { updateProfile(input: {bio: "x"}) { user { id } userErrors { code } } }'
FRAGMENT = """mutation { ...More } fragment More on Mutation { ... on Mutation {
  updateProfile(input: {bio: "x"}) { userErrors { code } } } }"""
LOGOUT = "mutation { logout { deletedId userErrors { code field } } }"
DELETE = "mutation($password: String!) { deleteAccount(password: $password) { deletedId userErrors { code field } } }"


async def registered(service: Service, **wanted: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await service.ask(REGISTER, {"input": wanted})
    return answer


async def signed_in(service: Service, login: str) -> Person:
    wanted = {"login": login, "password": PASSWORD}
    payload = (await service.ask(LOGIN, {"input": wanted}))["data"]["login"]
    assert payload["userErrors"] == []
    tokens = payload["tokens"]
    return Person(service, payload["viewer"]["user"]["id"], login, tokens["accessToken"], tokens["refreshToken"])


async def verified(service: Service) -> tuple[Person, str]:
    wanted = registration("alice")
    await registered(service, **wanted)
    token = token_of(await mail_to(service, wanted["email"], VERIFICATION))
    assert await refused(service, VERIFY, token=token) == []
    return await signed_in(service, wanted["handle"]), wanted["email"]


async def test_sign_up_with_a_known_address_is_answered_like_any_other(shared_service: Service) -> None:
    _, known = await verified(shared_service)
    answers = []
    for email in (known.upper(), f"{unused_handle('new')}@example.org"):
        wanted = registration("eve", email=email)
        answers.append(await registered(shared_service, **wanted))
        again = registration(handle=wanted["handle"].upper())
        assert await refused(shared_service, REGISTER, input=again) == [("TAKEN", ["input", "handle"])]
        # Whoever signed up signs in, by handle and by address, and by a wrong password in neither case.
        for login in (wanted["handle"], email):
            eve = await signed_in(shared_service, login)
            assert (await eve.ask(ME))["viewer"]["user"]["handle"] == wanted["handle"]
            wrong = {"login": login, "password": "wrong horse"}
            assert await refused(shared_service, LOGIN, input=wrong) == [("WRONG_CREDENTIALS", ["input"])]
        seen = (await shared_service.ask(USER, {"handle": wanted["handle"]}))["data"]
        assert (seen["user"], seen["searchUsers"]["edges"]) == (None, [])
    assert answers == [{"data": {"register": {"tokens": None, "viewer": None, "userErrors": []}}}] * 2
    assert await subjects_to(shared_service, known) == [VERIFICATION, IN_USE]
    told = await mail_to(shared_service, known, IN_USE)
    assert "#" not in told["text"]


async def test_who_is_not_verified_reads_and_does_nothing_else(shared_service: Service) -> None:
    wanted = registration("alice")
    await registered(shared_service, **wanted)
    alice = await signed_in(shared_service, wanted["handle"])
    assert not (await alice.ask(ME))["viewer"]["isEmailVerified"]
    assert (await shared_service.ask(NODE, {"id": alice.id}))["data"]["node"] is None
    for document in (BIO, FRAGMENT):
        answer = await shared_service.ask(document, token=alice.token)
        assert codes(answer) == ["FORBIDDEN"]
        assert "verifyEmail" in answer["errors"][0]["message"]
    assert await alice.failed(POST, input={"text": "hello"}) == ["FORBIDDEN"]
    async with alice.socket() as socket:
        await socket.subscribe(BIO)
        assert await socket.error() == ["FORBIDDEN"]
        await alice.act(RESEND)
        token = token_of(await mail_to(shared_service, wanted["email"], VERIFICATION, 1))
        await alice.act(VERIFY, token=token)
        # The same socket and the same access token, from now on.
        await socket.subscribe(BIO)
        assert (await socket.event())["userErrors"] == []
    assert (await shared_service.ask(NODE, {"id": alice.id}))["data"]["node"] == {"id": alice.id}
    await alice.post("hello")
    seen = (await shared_service.ask(USER, {"handle": wanted["handle"]}))["data"]
    assert (seen["user"], len(seen["searchUsers"]["edges"])) == ({"id": alice.id}, 1)
    await alice.act(LOGOUT)


async def test_who_is_not_verified_may_delete_the_account(shared_service: Service) -> None:
    wanted = registration("alice")
    await registered(shared_service, **wanted)
    alice = await signed_in(shared_service, wanted["handle"])
    await alice.act(DELETE, password=PASSWORD)
    await shared_service.settle()
    # Never seen, so its handle is free at once.
    assert await refused(shared_service, REGISTER, input=registration(handle=wanted["handle"])) == []


async def test_first_of_two_who_verifies_an_address_has_it(shared_service: Service) -> None:
    email = f"{unused_handle('both')}@example.org"
    one, other = registration("one", email=email), registration("other", email=email)
    await registered(shared_service, **one)
    await registered(shared_service, **other)
    first = token_of(await mail_to(shared_service, email, VERIFICATION))
    second = token_of(await mail_to(shared_service, email, VERIFICATION, 1))
    assert await refused(shared_service, VERIFY, token=second) == []
    assert await refused(shared_service, VERIFY, token=first) == [("TAKEN", ["token"])]


async def test_change_to_a_known_address_is_answered_like_any_other(shared_service: Service) -> None:
    (alice, old), (_, known) = await verified(shared_service), await verified(shared_service)
    for email in (known, f"{unused_handle('moved')}@example.org"):
        changed = (await alice.act(CHANGE_EMAIL, email=email, password=PASSWORD))["viewer"]
        assert changed == {"email": old, "isEmailVerified": True, "pendingEmail": email}
    assert await subjects_to(shared_service, known) == [VERIFICATION, IN_USE]
    assert await subjects_to(shared_service, old) == [VERIFICATION, EMAIL_CHANGING, EMAIL_CHANGING]


async def test_sign_up_that_is_not_verified_in_time_is_deleted(shared_service: Service) -> None:
    wanted = registration("alice")
    await registered(shared_service, **wanted)
    token = token_of(await mail_to(shared_service, wanted["email"], VERIFICATION))
    users = shared_service.stores.mongo.collection("users")
    row = await users.find_one({"handle": wanted["handle"]})
    assert timedelta(hours=23, minutes=59) < row["hidden_until"] - utc_now() < timedelta(hours=24)
    await users.update_one({"_id": row["_id"]}, {"$set": {"hidden_until": utc_now()}})
    stop = asyncio.Event()
    sweeping = asyncio.create_task(delete_expired_sign_ups(shared_service.stores, stop, every_seconds=0.05))

    async def is_gone() -> bool:
        return await users.find_one({"_id": row["_id"]}) is None

    await eventually(is_gone)
    stop.set()
    await sweeping
    assert await refused(shared_service, VERIFY, token=token) == [("INVALID", ["token"])]
    assert await refused(shared_service, REGISTER, input=registration(handle=wanted["handle"])) == []
