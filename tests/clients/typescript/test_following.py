"""The package's stores show what the server's pages say, whatever happens to connections, processes and tokens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.clients.examples.short_tokens import shorten_tokens
from tests.clients.proxy import CuttingProxy, cutting_proxy, proxied
from tests.clients.story import NOTIFICATIONS, WITHIN, all_items, begun, restarting_api
from tests.clients.typescript.packed import Packed, Program
from tests.support.people import PASSWORD, Person, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


# A request whose client is gone is cancelled, with coroutines of the engine that had not begun.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("cuts", "restarts"), [(4, 1), pytest.param(50, 10, marks=pytest.mark.long)], ids=["short", "long"]
)
async def test_stores_of_all_tabs_equal_the_pages_through_cuts_restarts_and_ends_of_tokens(
    package: Packed, shared_service: Service, monkeypatch: pytest.MonkeyPatch, cuts: int, restarts: int
) -> None:
    story = await begun(shared_service, cuts)
    alice = story.alice
    shorten_tokens(monkeypatch)
    async with (
        restarting_api(shared_service) as (port, restart),
        cutting_proxy(port) as proxy,
        tabs(package, proxy, alice, "sockets", "sockets", "events") as program,
    ):
        await eventually(lambda: are_ready(program, 3), WITHIN)
        await program.ask("more", tab=0)
        for number in range(cuts):
            await story.acts(6)
            await eventually(proxy.cut, WITHIN)
            if number % (cuts // restarts) == 1:
                await restart()
            await story.acts(3)
        for tab in range(3):
            await eventually(lambda tab=tab: shows_the_page(program, tab, alice), WITHIN)  # type: ignore[misc]
            await eventually(lambda tab=tab: shows_notifications(program, tab, alice), WITHIN)  # type: ignore[misc]
        assert await program.ask("twice") == 0
        assert await program.ask("signedIn") == [True, True, True]
        assert proxy.cuts >= cuts


async def test_tabs_renew_a_token_once_and_a_long_sleep_ends_nothing(package: Packed, shared_service: Service) -> None:
    alice, bob = [await sign_up(shared_service, name) for name in ("alice", "bob")]
    await alice.follow(bob)
    async with (
        proxied(shared_service) as proxy,
        tabs(package, proxy, alice, "sockets", "sockets") as program,
    ):
        await eventually(lambda: are_ready(program, 2), WITHIN)
        await program.ask("sleep", milliseconds=3_600_000)
        await bob.post("while you slept")
        proxy.cut()
        for tab in range(2):
            await eventually(lambda tab=tab: shows_the_page(program, tab, alice), WITHIN)  # type: ignore[misc]
        assert await asyncio.gather(*(program.ask("ask", tab=tab) for tab in (0, 1))) == [alice.handle, alice.handle]
        assert await program.ask("renewals") in (1, 2)
        assert await program.ask("signedIn") == [True, True]


async def test_another_person_sees_nothing_of_who_was_there_before(package: Packed, shared_service: Service) -> None:
    alice, bob = [await sign_up(shared_service, name) for name in ("alice", "bob")]
    await alice.post("of alice")
    await bob.post("of bob")
    await shared_service.settle()
    async with (
        proxied(shared_service) as proxy,
        tabs(package, proxy, alice, "sockets", "sockets", "events") as program,
    ):
        await eventually(lambda: are_ready(program, 3), WITHIN)
        await program.ask("signIn", tab=0, handle=bob.handle)
        await alice.post("of alice, later")
        await shared_service.settle()
        await bob.post("of bob, later")
        for tab in range(3):
            await eventually(lambda tab=tab: shows_the_page(program, tab, bob), WITHIN)  # type: ignore[misc]
            assert len(await program.ask("items", tab=tab)) == 2
            assert await program.ask("ask", tab=tab) == bob.handle
        await program.ask("signOut", tab=1)
        await eventually(lambda: are_signed_out(program), WITHIN)
        assert [await program.ask("items", tab=tab) for tab in range(3)] == [[], [], []]
        await program.ask("signIn", tab=2, handle=alice.handle)
        for tab in range(3):
            await eventually(lambda tab=tab: shows_the_page(program, tab, alice), WITHIN)  # type: ignore[misc]
        assert await program.ask("twice") == 0


async def test_streams_go_by_events_where_sockets_are_blocked(package: Packed, shared_service: Service) -> None:
    alice, bob = [await sign_up(shared_service, name) for name in ("alice", "bob")]
    await alice.follow(bob)
    async with (
        proxied(shared_service) as proxy,
        tabs(package, proxy, alice, "blocked") as program,
    ):
        await eventually(lambda: are_ready(program, 1), WITHIN)
        await bob.post("through events")
        await eventually(lambda: shows_the_page(program, 0, alice), WITHIN)
        proxy.cut()
        await bob.post("after a cut")
        await eventually(lambda: shows_the_page(program, 0, alice), WITHIN)


@asynccontextmanager
async def tabs(package: Packed, proxy: CuttingProxy, person: Person, *transports: str) -> AsyncIterator[Program]:
    async with package.running("follow.mjs", proxy.address, person.handle, PASSWORD, *transports) as program:
        yield program


async def are_ready(program: Program, count: int) -> bool:
    views = [await program.ask("view", tab=tab) for tab in range(count)]
    return all(view["status"] == "ready" and view["connection"] == "live" for view in views)


async def are_signed_out(program: Program) -> bool:
    return bool(await program.ask("signedIn") == [False, False, False])


async def shows_the_page(program: Program, tab: int, person: Person) -> bool:
    """Whether all that is shown is the beginning of what the server tells, and at least its first page."""
    expected = await all_items(person)
    shown: list[str] = await program.ask("items", tab=tab)
    assert shown == expected[: len(shown)]
    assert len(shown) >= min(20, len(expected))
    return True


async def shows_notifications(program: Program, tab: int, person: Person) -> bool:
    answer = (await person.ask(NOTIFICATIONS))["notifications"]
    shown: dict[str, Any] = await program.ask("notifications", tab=tab)
    assert shown["ids"][:20] == [edge["node"]["id"] for edge in answer["edges"]]
    assert shown["unreadCount"] == answer["unreadCount"]
    return True
