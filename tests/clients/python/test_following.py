"""The package's streams and views lose nothing and repeat nothing, whatever happens to connections and tokens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from rookery_client import Rookery, SignedOutError
from rookery_client.generated import TimelineItemAdded, TimelineItemRemoved, TimelineReset
from tests.clients.examples.short_tokens import shorten_tokens
from tests.clients.proxy import cutting_proxy, proxied
from tests.clients.story import NOTIFICATIONS, WITHIN, all_items, begun, restarting_api
from tests.support.people import PASSWORD, Person, sign_up
from tests.support.service import NO_AUTHORITIES, Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


# A request whose client is gone is cancelled, with coroutines of the engine that had not begun.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("cuts", "restarts"), [(4, 1), pytest.param(50, 10, marks=pytest.mark.long)], ids=["short", "long"]
)
async def test_views_equal_the_pages_through_cuts_restarts_and_ends_of_tokens(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch, cuts: int, restarts: int
) -> None:
    story = await begun(shared_service, cuts)
    alice = story.alice
    shorten_tokens(monkeypatch)
    async with (
        restarting_api(shared_service) as (port, restart),
        cutting_proxy(port) as proxy,
        signed_in(proxy.address, alice) as rookery,
        following(rookery) as seen,
    ):
        await eventually(lambda: seen.items and seen.groups is not None, WITHIN)
        await rookery_more(seen)
        for number in range(cuts):
            await story.acts(6)
            await eventually(proxy.cut, WITHIN)
            if number % (cuts // restarts) == 1:
                await restart()
            await story.acts(3)
        await eventually(lambda: seen.shows_the_page_of(alice), WITHIN)
        await eventually(lambda: seen.shows_notifications_of(alice), WITHIN)
        assert seen.twice == 0
        assert proxy.cuts >= cuts


async def test_events_come_once_and_in_order_through_cuts(shared_service: Service) -> None:
    alice, bob = [await sign_up(shared_service, name) for name in ("alice", "bob")]
    await alice.follow(bob)
    await shared_service.settle()
    head = (await alice.home())["headCursor"]
    deleted: set[str] = set()
    async with (
        proxied(shared_service) as proxy,
        Rookery(proxy.address, token=alice.token, ssl=NO_AUTHORITIES) as rookery,
        events_of(rookery, head) as seen,
        alice.socket() as uncut,
    ):
        await uncut.watch_home(head)
        for number in range(20):
            tweet = await bob.post(f"story {number}")
            if number % 5 == 0:
                await bob.delete(tweet)
                deleted.add(tweet)
                await eventually(proxy.cut, WITHIN)
        last = await bob.post("the end")
        order: list[str] = []
        while f"+{last}" not in order:
            order.append(_told(await uncut.event()))
        await eventually(lambda: f"+{last}" in seen, WITHIN)
    assert [one for one in seen if one[1:] not in deleted] == [one for one in order if one[1:] not in deleted]
    assert len([one for one in order if one[1:] not in deleted]) == 17
    # A tweet that was deleted by the time at which a connection came back is not told of, nor is its end.
    for tweet in deleted:
        assert [one for one in seen if one[1:] == tweet] in ([], [f"+{tweet}", f"-{tweet}"])


async def test_a_stream_without_a_cursor_misses_nothing_before_its_first_event(shared_service: Service) -> None:
    alice, bob = [await sign_up(shared_service, name) for name in ("alice", "bob")]
    await alice.follow(bob)
    await shared_service.settle()
    async with (
        proxied(shared_service) as proxy,
        Rookery(proxy.address, token=alice.token, ssl=NO_AUTHORITIES) as rookery,
        events_of(rookery, None) as seen,
    ):
        # One for requests, and the socket.
        await eventually(lambda: proxy.connections == 2, WITHIN)
        assert proxy.cut()
        tweet = await bob.post("while it was away")
        await eventually(lambda: seen == [f"+{tweet}"], WITHIN)


async def test_a_slow_reader_gets_each_event_once(shared_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rookery_client.transport.socket._MOST_WAITING", 4)
    alice, bob = [await sign_up(shared_service, name) for name in ("alice", "bob")]
    await alice.follow(bob)
    await shared_service.settle()
    head = (await alice.home())["headCursor"]
    async with Rookery(f"{shared_service.url}/graphql", token=alice.token, ssl=NO_AUTHORITIES) as rookery:
        async with aclosing(rookery.home_events(head)) as events:
            first = await bob.post("first")
            assert _id_of(await anext(events)) == first
            others = [await bob.post(f"while it reads none {number}") for number in range(12)]
            await shared_service.settle()
            assert [_id_of(await anext(events)) for _ in others] == others
        later = await bob.post("later")
        await shared_service.settle()
        assert later in [edge.node.id for edge in await anext(aiter(rookery.home_timeline()))]


async def test_streams_go_by_events_where_sockets_are_blocked(shared_service: Service) -> None:
    alice, bob = [await sign_up(shared_service, name) for name in ("alice", "bob")]
    await alice.follow(bob)
    await shared_service.settle()
    head = (await alice.home())["headCursor"]
    async with proxied(shared_service) as proxy:
        proxy.blocks_sockets = True
        async with (
            Rookery(proxy.address, token=alice.token, ssl=NO_AUTHORITIES) as rookery,
            events_of(rookery, head) as seen,
        ):
            first = await bob.post("through events")
            await eventually(lambda: seen == [f"+{first}"], WITHIN)
            proxy.cut()
            second = await bob.post("after a cut")
            await eventually(lambda: seen == [f"+{first}", f"+{second}"], WITHIN)


async def test_another_person_gets_no_event_of_who_was_there_before(shared_service: Service) -> None:
    alice, bob = [await sign_up(shared_service, name) for name in ("alice", "bob")]
    async with signed_in(f"{shared_service.url}/graphql", alice) as rookery:
        before = aiter(rookery.home_timeline())
        assert await anext(before) == ()
        waiting = asyncio.ensure_future(anext(before))
        mine = await alice.post("of alice")
        assert [edge.node.id for edge in await waiting] == [mine]
        await rookery.sign_in(bob.handle, PASSWORD)
        timeline = aiter(rookery.home_timeline())
        assert await anext(timeline) == ()
        await alice.post("of alice, later")
        await shared_service.settle()
        tweet = await bob.post("of bob")
        edges = await asyncio.wait_for(anext(timeline), WITHIN)
        assert [edge.node.id for edge in edges] == [tweet]


async def test_a_token_without_a_session_ends_its_streams(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_tokens(monkeypatch)
    alice = await sign_up(shared_service, "alice")
    async with Rookery(f"{shared_service.url}/graphql", token=alice.token, ssl=NO_AUTHORITIES) as rookery:
        with pytest.raises(SignedOutError):
            await asyncio.wait_for(anext(rookery.home_events()), WITHIN)


async def test_streams_end_with_their_client(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    views = 0
    async with Rookery(f"{shared_service.url}/graphql", token=alice.token, ssl=NO_AUTHORITIES) as rookery:
        timeline = aiter(rookery.home_timeline())
        assert await anext(timeline) == ()
        waiting = asyncio.ensure_future(anext(timeline, None))
        await alice.post("mine")
        edges = await waiting
        assert edges is not None
        assert [edge.node.id for edge in edges] == [(await alice.home())["edges"][0]["node"]["id"]]
        views += 1
        last = asyncio.ensure_future(anext(timeline, None))
    assert await last is None
    assert views == 1


class Seen:
    """All that a client's streams have shown."""

    def __init__(self, rookery: Rookery) -> None:
        self.timeline, self.notifications = rookery.home_timeline(), rookery.notifications()
        self.items: list[str] = []
        self.groups: list[str] | None = None
        self.unread = 0
        self.twice = 0

    async def follow_timeline(self) -> None:
        async for edges in self.timeline:
            self.items = [edge.node.id for edge in edges]
            self.twice += len(self.items) - len(set(self.items))

    async def follow_notifications(self) -> None:
        async for view in self.notifications:
            self.groups, self.unread = [group.id for group in view.groups], view.unread_count

    async def shows_the_page_of(self, person: Person) -> bool:
        """Whether all that is shown is the beginning of what the server tells, and at least its first page."""
        expected = await all_items(person)
        assert self.items == expected[: len(self.items)]
        assert len(self.items) >= min(20, len(expected))
        return True

    async def shows_notifications_of(self, person: Person) -> bool:
        answer = (await person.ask(NOTIFICATIONS))["notifications"]
        assert self.groups is not None
        assert self.groups[:20] == [edge["node"]["id"] for edge in answer["edges"]]
        assert self.unread == answer["unreadCount"]
        return True


@asynccontextmanager
async def following(rookery: Rookery) -> AsyncIterator[Seen]:
    seen = Seen(rookery)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(seen.follow_timeline()), group.create_task(seen.follow_notifications())]
        yield seen
        for task in tasks:
            task.cancel()


@asynccontextmanager
async def events_of(rookery: Rookery, head: str | None) -> AsyncIterator[list[str]]:
    """The ids of added items after a +, of removed ones after a -."""
    seen: list[str] = []

    async def follow() -> None:
        async for event in rookery.home_events(head):
            assert not isinstance(event, TimelineReset)
            seen.append(f"-{event.node_id}" if isinstance(event, TimelineItemRemoved) else f"+{event.edge.node.id}")

    async with asyncio.TaskGroup() as group:
        task = group.create_task(follow())
        yield seen
        task.cancel()


@asynccontextmanager
async def signed_in(address: str, person: Person) -> AsyncIterator[Rookery]:
    async with Rookery(address, ssl=NO_AUTHORITIES) as rookery:
        await rookery.sign_in(person.handle, PASSWORD)
        yield rookery


async def rookery_more(seen: Seen) -> None:
    """Reads the second page, which the view has with its next change."""
    await seen.timeline.more()
    assert len(seen.timeline.edges) > 20


def _told(event: dict[str, object]) -> str:
    if event["__typename"] == "TimelineItemRemoved":
        return f"-{event['nodeId']}"
    edge = event["edge"]
    assert isinstance(edge, dict)
    return f"+{edge['node']['id']}"


def _id_of(event: object) -> str:
    assert isinstance(event, TimelineItemAdded)
    return event.edge.node.id
