"""Login, logout, refresh tokens and password changes."""

import asyncio
from typing import Any

import pytest

from tests.support.people import (
    PASSWORD,
    REGISTER,
    Person,
    refusals,
    registration,
    sign_up,
    unused_handle,
    used_long_ago,
)
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

ERRORS = "userErrors { code field message }"
ME = """{ viewer { email dateOfBirth user { id handle name joinedAt }
  sessions { id device createdAt lastUsedAt isCurrent } } }"""
LOGIN = f"""mutation($input: LoginInput!) {{ login(input: $input) {{
  tokens {{ accessToken refreshToken }} viewer {{ user {{ id }} }} {ERRORS} }} }}"""
REFRESH = f"""mutation($token: String!) {{ refreshTokens(refreshToken: $token) {{
  tokens {{ accessToken refreshToken expiresAt }} viewer {{ user {{ id }} }} {ERRORS} }} }}"""
LOGOUT = f"mutation($id: ID) {{ logout(sessionId: $id) {{ deletedId {ERRORS} }} }}"
CHANGE = f"""mutation($current: String!, $new: String!) {{ changePassword(current: $current, new: $new) {{
  viewer {{ user {{ id }} }} {ERRORS} }} }}"""
WRONG_CREDENTIALS = {"code": "WRONG_CREDENTIALS", "field": ["input"], "message": "Login or password is wrong."}


async def sign_in(person: Person, password: str = PASSWORD, **device: str) -> Person:
    """The same user on another device."""
    wanted = {"login": person.handle, "password": password, "device": {"kind": "WEB", **device}}
    payload = (await person.service.ask(LOGIN, {"input": wanted}))["data"]["login"]
    assert payload["userErrors"] == []
    tokens = payload["tokens"]
    return Person(person.service, person.id, person.handle, tokens["accessToken"], tokens["refreshToken"])


async def refresh(service: Service, token: str) -> dict[str, Any]:
    payload: dict[str, Any] = (await service.ask(REFRESH, {"token": token}))["data"]["refreshTokens"]
    return payload


async def is_signed_in(person: Person) -> bool:
    return (await person.ask("{ viewer { email } }"))["viewer"] is not None


async def session_of(person: Person) -> str:
    sessions = (await person.ask(ME))["viewer"]["sessions"]
    (current,) = [session["id"] for session in sessions if session["isCurrent"]]
    return str(current)


async def test_a_sign_in_beyond_the_most_sessions_ends_the_oldest(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datastore.auth.sessions.MOST_SESSIONS", 2)
    first = await sign_up(shared_service, "many")
    second, third = await sign_in(first), await sign_in(first)
    assert (await first.service.ask(ME, token=first.token))["data"]["viewer"] is None
    for left in (second, third):
        assert len((await left.ask(ME))["viewer"]["sessions"]) == 2


async def test_one_signs_in_by_handle_or_address_in_whatever_case(shared_service: Service) -> None:
    wanted = registration(email=f"Straße.{unused_handle('x')}@example.org")
    assert await refusals(shared_service, REGISTER, input=wanted) == []
    names = [wanted["handle"], wanted["handle"].upper(), wanted["email"], wanted["email"].upper()]
    typed = [f" {wanted['handle']}\n", f"@{wanted['handle']}", f" \uff20{wanted['handle'].upper()} "]
    for name in [*names, *typed]:
        assert await refusals(shared_service, LOGIN, input={"login": name, "password": PASSWORD}) == []


@pytest.mark.parametrize("login", ["nobody_at_all", "nobody@example.org", "", "@", "\0", "x" * 5_000, "@" * 5_000])
async def test_unknown_login_is_answered_like_a_wrong_password(shared_service: Service, login: str) -> None:
    alice = await sign_up(shared_service, "alice")
    before = await shared_service.fingerprint()
    refused = {"tokens": None, "viewer": None, "userErrors": [WRONG_CREDENTIALS]}
    for name, password in ((login, PASSWORD), (alice.handle, "wrong horse"), (alice.handle, PASSWORD.upper())):
        answer = await shared_service.ask(LOGIN, {"input": {"login": name, "password": password}})
        assert answer == {"data": {"login": refused}}
    assert await shared_service.fingerprint() == before


async def test_refreshed_tokens_serve_and_the_session_stays_one(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    session = await session_of(alice)
    tokens = [alice.refresh_token]
    for _ in range(3):
        payload = await refresh(shared_service, tokens[-1])
        assert payload["viewer"]["user"]["id"] == alice.id
        tokens.append(payload["tokens"]["refreshToken"])
        renewed = Person(shared_service, alice.id, alice.handle, payload["tokens"]["accessToken"], tokens[-1])
        assert await session_of(renewed) == session
    assert len(set(tokens)) == 4
    assert len((await alice.ask(ME))["viewer"]["sessions"]) == 1


async def test_second_use_of_a_refresh_token_within_ten_seconds_gets_the_same_tokens(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    first = await refresh(shared_service, alice.refresh_token)
    await asyncio.sleep(1.1)  # access tokens count seconds
    assert await refresh(shared_service, alice.refresh_token) == first
    following = await refresh(shared_service, first["tokens"]["refreshToken"])
    assert following["userErrors"] == []
    # A tab that is two answers behind gets the answer that it lost.
    assert await refresh(shared_service, alice.refresh_token) == first
    assert await refresh(shared_service, first["tokens"]["refreshToken"]) == following
    assert await is_signed_in(alice)


async def test_later_second_use_of_a_refresh_token_ends_its_session_alone(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    other = await sign_in(alice)
    renewed = (await refresh(shared_service, alice.refresh_token))["tokens"]
    newest = Person(shared_service, alice.id, alice.handle, renewed["accessToken"], renewed["refreshToken"])
    assert await is_signed_in(newest)

    await used_long_ago(alice)
    used = await refresh(shared_service, alice.refresh_token)
    assert [(error["code"], error["field"]) for error in used["userErrors"]] == [
        ("WRONG_CREDENTIALS", ["refreshToken"])
    ]
    assert (used["tokens"], used["viewer"]) == (None, None)

    async def is_over() -> bool:
        return not await is_signed_in(alice) and not await is_signed_in(newest)

    await eventually(is_over, within=5.0)
    assert await newest.failed("{ homeTimeline { state } }") == ["UNAUTHENTICATED"]
    assert await refusals(shared_service, REFRESH, token=newest.refresh_token) == [
        ("WRONG_CREDENTIALS", ["refreshToken"])
    ]
    assert await is_signed_in(other)
    assert (await refresh(shared_service, other.refresh_token))["userErrors"] == []


async def test_refresh_token_used_ten_times_at_once_gets_the_same_tokens(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    payloads = await asyncio.gather(*[refresh(shared_service, alice.refresh_token) for _ in range(10)])
    assert all(payload == payloads[0] for payload in payloads)
    assert payloads[0]["userErrors"] == []
    assert await is_signed_in(alice)


async def test_made_up_refresh_token_is_refused_and_ends_nothing(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    session, generation, signature = alice.refresh_token.split(".")
    foreign = bob.refresh_token.split(".")[0]
    made_up = [
        "",
        "x",
        "..",
        "\0",
        "é",
        alice.token,
        f"{session}.1.{signature}",
        f"{foreign}.{generation}.{signature}",
        f"{session}.{generation}.{signature[:-1]}",
        f"{session}.{generation}.{signature}x",
        "9" * 5_000,
    ]
    for token in made_up:
        assert await refusals(shared_service, REFRESH, token=token) == [("WRONG_CREDENTIALS", ["refreshToken"])]
    assert await is_signed_in(alice)
    assert (await refresh(shared_service, alice.refresh_token))["userErrors"] == []


async def test_signing_out_ends_the_current_session_alone(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    other = await sign_in(alice)
    session = await session_of(alice)
    assert await alice.act(LOGOUT) == {"deletedId": session, "userErrors": []}
    assert not await is_signed_in(alice)
    assert await is_signed_in(other)
    assert await refusals(shared_service, REFRESH, token=alice.refresh_token) == [
        ("WRONG_CREDENTIALS", ["refreshToken"])
    ]
    assert [row["id"] for row in (await other.ask(ME))["viewer"]["sessions"]] == [await session_of(other)]


async def test_another_session_of_ones_own_is_ended_by_its_id(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    lost = await sign_in(alice)
    session = await session_of(lost)
    assert await alice.act(LOGOUT, id=session) == {"deletedId": session, "userErrors": []}
    assert not await is_signed_in(lost)
    assert await is_signed_in(alice)
    assert await alice.refused(LOGOUT, id=session) == [("NOT_FOUND", ["sessionId"])]


async def test_foreign_session_is_not_found_and_stands(shared_service: Service) -> None:
    alice, mallory = await sign_up(shared_service, "alice"), await sign_up(shared_service, "mallory")
    assert await mallory.refused(LOGOUT, id=await session_of(alice)) == [("NOT_FOUND", ["sessionId"])]
    assert await is_signed_in(alice)
    assert await is_signed_in(mallory)


async def test_sessions_are_listed_by_last_use(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    phone, tablet = await sign_in(alice, kind="ANDROID"), await sign_in(alice, kind="IOS")
    await refresh(shared_service, alice.refresh_token)
    sessions = (await phone.ask(ME))["viewer"]["sessions"]
    assert [(row["device"], row["isCurrent"]) for row in sessions] == [
        ("API", False),
        ("IOS", False),
        ("ANDROID", True),
    ]
    assert [row["id"] for row in sessions] == [await session_of(one) for one in (alice, tablet, phone)]
    assert sessions[0]["createdAt"] < sessions[0]["lastUsedAt"]


async def test_new_password_ends_the_other_sessions(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    other = await sign_in(alice)
    await alice.act(CHANGE, current=PASSWORD, new="staple battery")
    assert await is_signed_in(alice)
    assert (await refresh(shared_service, alice.refresh_token))["userErrors"] == []

    async def is_over() -> bool:
        return not await is_signed_in(other)

    await eventually(is_over, within=5.0)
    assert await refusals(shared_service, REFRESH, token=other.refresh_token) == [
        ("WRONG_CREDENTIALS", ["refreshToken"])
    ]
    assert await refusals(shared_service, LOGIN, input={"login": alice.handle, "password": PASSWORD}) == [
        ("WRONG_CREDENTIALS", ["input"])
    ]
    assert await is_signed_in(await sign_in(alice, "staple battery"))


@pytest.mark.parametrize(
    ("current", "new", "refused"),
    [
        ("wrong horse", "staple battery", [("WRONG_CREDENTIALS", ["current"])]),
        ("", "staple battery", [("WRONG_CREDENTIALS", ["current"])]),
        (PASSWORD, "7 chars", [("INVALID", ["new"])]),
        (PASSWORD, "with a nul\0", [("INVALID", ["new"])]),
        (PASSWORD, "p" * 129, [("TOO_LONG", ["new"])]),
        ("wrong horse", "7 chars", [("INVALID", ["new"]), ("WRONG_CREDENTIALS", ["current"])]),
    ],
)
async def test_refused_new_password_changes_nothing(
    shared_service: Service, current: str, new: str, refused: list[tuple[str, list[str]]]
) -> None:
    alice = await sign_up(shared_service, "alice")
    other = await sign_in(alice)
    before = await shared_service.fingerprint()
    assert await alice.refused(CHANGE, current=current, new=new) == refused
    assert await shared_service.fingerprint() == before
    assert await is_signed_in(other)
