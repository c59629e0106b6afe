"""Scoped tokens on sockets and event streams: scopes, origin, and the end within 5 s of the token's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from websockets.asyncio.client import connect

from core.auth.scopes import Scope
from tests.support.people import EVENTS, Person, Socket, sign_up
from tests.support.scenarios.scoped_tokens import REVOKE, created, scoped, short_lived
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTIFICATIONS = """subscription { notificationEvents { __typename ... on StreamEvent { cursor }
  ... on NotificationChanged { unreadCount notification { kind actors { handle } tweet { id text } } } } }"""
COUNTS = """subscription { notificationEvents { __typename ... on StreamEvent { cursor at }
  ... on NotificationChanged { unreadCount } ... on UnreadCountChanged { unreadCount } } }"""
TRENDS = "subscription { trendUpdates { score } }"
UPDATES = "subscription { tweetUpdates(ids: []) { tweetId } }"
SEARCH = 'subscription { searchEvents(query: "heron") { id } }'
READ_ALONE = (EVENTS, TRENDS, UPDATES, SEARCH)
LIKE = "mutation($id: ID!) { like(tweetId: $id) { userErrors { code } } }"
DELETE = 'mutation { deleteAccount(password: "correct horse") { deletedId userErrors { code } } }'
PAGE = "http://localhost:7001"
ENDED, FORBIDDEN = 4401, 4403


@asynccontextmanager
async def opening(person: Person, origin: str | None) -> AsyncIterator[Socket]:
    """A socket from a page of the origin; its answer to connection_init is not read yet."""
    url = person.service.websocket_url
    async with connect(url, subprotocols=["graphql-transport-ws"], origin=origin) as connection:  # type: ignore[arg-type,list-item]
        socket = Socket(connection)
        await socket.send({"type": "connection_init", "payload": {"authorization": f"Bearer {person.token}"}})
        yield socket


@asynccontextmanager
async def stream(person: Person, document: str, origin: str | None = None) -> AsyncIterator[httpx.Response]:
    """The event stream's response, whatever its status."""
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {person.token}"}
    headers |= {} if origin is None else {"origin": origin}
    async with person.service.http.stream("POST", "/graphql", json={"query": document}, headers=headers) as answer:
        yield answer


async def test_sockets_subscribe_to_what_the_scopes_cover_alone(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    tweet = await alice.post("a heron")
    for scope, covered, refused in (
        ("READ_UNREAD_COUNT", [COUNTS], [NOTIFICATIONS, *READ_ALONE]),
        ("READ_NOTIFICATIONS", [COUNTS, NOTIFICATIONS], READ_ALONE),
        ("READ", [COUNTS, NOTIFICATIONS, EVENTS], []),
    ):
        async with (await scoped(alice, scope)).socket() as socket:
            for document in refused:
                await socket.subscribe(document)
                assert (scope, document, await socket.error()) == (scope, document, ["FORBIDDEN"])
            for document in covered:
                operation = await socket.subscribe(document)
                await socket.send({"type": "ping"})
                assert await socket.message() == {"type": "pong"}
                await socket.send({"type": "complete", "id": operation})
            await socket.subscribe('mutation { follow(userId: "VXNlcjox") { user { id } } }')
            assert await socket.error() == ["FORBIDDEN"]
    async with (await scoped(alice, "READ_UNREAD_COUNT")).socket() as socket:
        await socket.subscribe(COUNTS)
        await socket.send({"type": "ping"})
        assert await socket.message() == {"type": "pong"}
        await bob.act(LIKE, id=tweet)
        assert (await socket.event())["unreadCount"] == 1


async def test_event_streams_begin_for_what_the_scopes_cover_alone(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    counting = await scoped(alice, "READ_UNREAD_COUNT")
    for document in (NOTIFICATIONS, *READ_ALONE):
        async with stream(counting, document) as answer:
            assert "FORBIDDEN" in (await answer.aread()).decode()
    async with stream(counting, COUNTS) as answer:
        assert answer.status_code == httpx.codes.OK
        assert answer.headers["content-type"].startswith("text/event-stream")


async def test_sockets_and_streams_of_another_origin_are_refused(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    bound = await scoped(alice, "READ_NOTIFICATIONS", origin=PAGE)
    async with opening(bound, PAGE) as socket:
        assert await socket.message() == {"type": "connection_ack"}
        await socket.subscribe(NOTIFICATIONS)
        await socket.send({"type": "ping"})
        assert await socket.message() == {"type": "pong"}
    for origin in (None, "http://localhost:7002", "https://localhost:7001"):
        async with opening(bound, origin) as socket:
            assert (origin, await socket.closing()) == (origin, FORBIDDEN)
        async with stream(bound, NOTIFICATIONS, origin) as answer:
            assert "FORBIDDEN" in (await answer.aread()).decode()
    async with stream(bound, NOTIFICATIONS, PAGE) as answer:
        assert answer.status_code == httpx.codes.OK


async def test_revoked_token_ends_its_sockets_and_streams_within_five_seconds(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    (gone_id, gone), (_, stays) = await created(alice, "READ"), await created(alice, "READ")
    async with gone.socket() as one, gone.socket() as idle, stays.socket() as other, stream(gone, EVENTS) as answer:
        await one.watch_home()
        lines = answer.aiter_lines()
        await alice.act(REVOKE, id=gone_id)
        assert [await socket.closing(within=5.0) for socket in (one, idle)] == [ENDED, ENDED]
        assert any(["UNAUTHENTICATED" in line async for line in lines])
        await other.send({"type": "ping"})
        assert await other.message() == {"type": "pong"}


async def test_token_that_runs_out_ends_its_sockets_and_streams(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    short = await short_lived(alice, Scope.READ, seconds=2.0)
    async with short.socket() as socket, stream(short, EVENTS) as answer:
        await socket.watch_home()
        assert await socket.closing(within=7.0) == ENDED
        assert any(["UNAUTHENTICATED" in line async for line in answer.aiter_lines()])


async def test_deleted_account_ends_the_sockets_of_its_tokens(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    async with (await scoped(alice, "READ")).socket() as socket:
        await alice.act(DELETE)
        assert await socket.closing(within=5.0) == ENDED
