"""Sockets are closed for a wrong token, an ended session, an expired token, and too many sockets."""

from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from core.auth.tokens import ACCESS_LIFETIME, AccessTokens, utc_now
from core.settings import signing_keys
from tests.support.people import PASSWORD, Person, Socket, sign_up, used_long_ago
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOGIN = """mutation($login: String!, $password: String!) { login(input: {login: $login, password: $password}) {
  tokens { accessToken refreshToken } userErrors { code } } }"""
LOGOUT = "mutation($id: ID) { logout(sessionId: $id) { deletedId userErrors { code } } }"
CHANGE = """mutation($current: String!, $new: String!) { changePassword(current: $current, new: $new) {
  userErrors { code } } }"""
REFRESH = "mutation($token: String!) { refreshTokens(refreshToken: $token) { userErrors { code field } } }"
SESSIONS = "{ viewer { sessions { id isCurrent } } }"
ENDED, TOO_MANY = 4401, 4429


async def signed_in_again(person: Person) -> Person:
    tokens = (await person.act(LOGIN, login=person.handle, password=PASSWORD))["tokens"]
    return Person(person.service, person.id, person.handle, tokens["accessToken"], tokens["refreshToken"])


async def test_wrong_token_closes_the_socket(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    gone = await signed_in_again(alice)
    await gone.act(LOGOUT)
    tokens = AccessTokens(signing_keys(shared_service.settings), lambda: utc_now() - ACCESS_LIFETIME)
    claims = AccessTokens(signing_keys(shared_service.settings)).check(alice.token)
    expired, _ = tokens.issue(claims.user_id, claims.session_id)
    wrong: list[object] = ["", "x", alice.token, "Bearer", "Bearer x", f"Basic {alice.token}", 5, [], {}]
    wrong += [f"Bearer {token}" for token in (alice.refresh_token, gone.token, expired, alice.token[:-2])]
    for given in wrong:
        async with connect(shared_service.websocket_url, subprotocols=["graphql-transport-ws"]) as connection:  # type: ignore[list-item]
            socket = Socket(connection)
            await socket.send({"type": "connection_init", "payload": {"authorization": given}})
            assert (given, await socket.closing()) == (given, ENDED)


async def test_authorization_is_understood_in_whatever_case_and_among_headers(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    bearer = f"Bearer {alice.token}"
    payloads: list[dict[str, object]] = [
        {"authorization": bearer},
        {"Authorization": bearer},
        {"AUTHORIZATION": f"bearer  {alice.token}"},
        {"headers": {"Authorization": bearer, "x-more": "1"}},
        {"Headers": {"authorization": bearer}},
        {"authorization": bearer, "headers": {"Authorization": bearer}},
        {"Authorization": bearer, "client": "some app"},
    ]
    for payload in payloads:
        async with connect(shared_service.websocket_url, subprotocols=["graphql-transport-ws"]) as connection:  # type: ignore[list-item]
            socket = Socket(connection)
            await socket.send({"type": "connection_init", "payload": payload})
            assert await socket.message() == {"type": "connection_ack"}, payload
            await socket.subscribe("{ viewer { user { id } } }")
            assert (await socket.event())["user"]["id"] == alice.id


async def test_payload_that_is_not_understood_closes_the_socket(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    bearer = f"Bearer {alice.token}"
    payloads: list[dict[str, object]] = [
        {"token": alice.token},
        {"authToken": bearer},
        {"headers": bearer},
        {"headers": [["authorization", bearer]]},
        {"headers": {"Authorization": alice.token}},
        {"payload": {"authorization": bearer}},
        {"authorization": bearer, "headers": {"Authorization": f"Bearer {bob.token}"}},
    ]
    for payload in payloads:
        async with connect(shared_service.websocket_url, subprotocols=["graphql-transport-ws"]) as connection:  # type: ignore[list-item]
            socket = Socket(connection)
            await socket.send({"type": "connection_init", "payload": payload})
            assert (payload, await socket.closing()) == (payload, ENDED)


async def test_payload_without_authorization_is_nobodys(shared_service: Service) -> None:
    payloads: list[object] = [
        None,
        {},
        {"authorization": None},
        {"headers": {}},
        {"headers": None},
        {"headers": {"x": 1}},
    ]
    for payload in payloads:
        async with connect(shared_service.websocket_url, subprotocols=["graphql-transport-ws"]) as connection:  # type: ignore[list-item]
            socket = Socket(connection)
            await socket.send({"type": "connection_init", "payload": payload})
            assert await socket.message() == {"type": "connection_ack"}, payload


async def test_logout_closes_only_the_sockets_of_its_session(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    other = await signed_in_again(alice)
    head = (await alice.home())["headCursor"]
    async with alice.socket() as one, alice.socket() as idle, other.socket() as stays:
        for socket in (one, stays):
            await socket.watch_home(head)
        (session,) = [
            session["id"] for session in (await alice.ask(SESSIONS))["viewer"]["sessions"] if session["isCurrent"]
        ]
        await other.act(LOGOUT, id=session)
        assert [await socket.closing(within=5.0) for socket in (one, idle)] == [ENDED, ENDED]
        tweet = await other.post("still here")
        assert (await stays.event())["edge"]["node"]["id"] == tweet


async def test_password_change_closes_the_sockets_of_other_sessions(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    other = await signed_in_again(alice)
    async with alice.socket() as stays, other.socket() as socket:
        await alice.act(CHANGE, current=PASSWORD, new="staple battery")
        assert await socket.closing(within=5.0) == ENDED
        await stays.send({"type": "ping"})
        assert await stays.message() == {"type": "pong"}


async def test_late_second_use_of_a_refresh_token_closes_the_sockets(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.act(REFRESH, token=alice.refresh_token)
    await used_long_ago(alice)
    async with alice.socket() as socket:
        assert await alice.refused(REFRESH, token=alice.refresh_token) == [("WRONG_CREDENTIALS", ["refreshToken"])]
        assert await socket.closing(within=5.0) == ENDED


async def test_socket_is_closed_when_its_token_expires(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    codec = signing_keys(shared_service.settings)
    claims = AccessTokens(codec).check(alice.token)
    short = AccessTokens(codec, lambda: utc_now() - ACCESS_LIFETIME + timedelta(seconds=2))
    token, runs_out = short.issue(claims.user_id, claims.session_id)
    person = Person(shared_service, alice.id, alice.handle, token, alice.refresh_token)
    async with person.socket() as socket:
        await socket.watch_home()
        assert await socket.closing(within=7.0) == ENDED
    assert runs_out <= utc_now()


async def test_sixth_socket_of_a_person_is_refused(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(alice.socket()) for _ in range(5)]
        async with connect(shared_service.websocket_url, subprotocols=["graphql-transport-ws"]) as connection:  # type: ignore[list-item]
            sixth = Socket(connection)
            await sixth.send({"type": "connection_init", "payload": {"authorization": f"Bearer {alice.token}"}})
            assert await sixth.closing() == TOO_MANY
        await stack.enter_async_context(bob.socket())
        await sockets[0].connection.close()
        await eventually(lambda: _is_admitted(alice))


async def _is_admitted(person: Person) -> bool:
    try:
        async with person.socket():
            return True
    except ConnectionClosed:
        return False
