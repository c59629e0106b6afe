"""The view of a timeline equals the server's, in whatever order answers, events, cuts and acts come."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress

import pytest

from rookery_client import Rookery, RookeryError
from rookery_client.transport.http import Http
from rookery_client.transport.waiting import Backoff
from tests.clients.python.simulated import Server, turns

_SIZES = (3, 25, 60)
_STEPS = 80
_FEW, _ALL = 30, 1_000_000


@pytest.mark.parametrize("schedules", [40, pytest.param(2_000, marks=pytest.mark.long)], ids=["short", "long"])
async def test_a_view_equals_the_timeline_after_any_schedule(monkeypatch: pytest.MonkeyPatch, schedules: int) -> None:
    async def no_wait(*_: object) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Backoff, "wait", no_wait)
    monkeypatch.setattr("rookery_client.transport.session._RETRY_SECONDS", (0.0,) * 5)
    for seed in range(schedules):
        await play(monkeypatch, random.Random(seed))


async def play(monkeypatch: pytest.MonkeyPatch, chance: random.Random) -> None:
    server = Server(chance, chance.choice((_FEW, _ALL)))
    for _ in range(chance.choice(_SIZES)):
        server.post_now()
    server.log.clear()
    server.hidden = {item for item in server.visible if chance.random() < chance.choice((0.0, 0.3))}
    server.visible -= server.hidden
    monkeypatch.setattr(Http, "post", lambda _, *asked: server.post(*asked))
    monkeypatch.setattr("rookery_client.transport.socket.connect", server.connect)
    monkeypatch.setattr("rookery_client.transport.live.streamed", server.streamed)
    async with Rookery("http://nowhere/graphql", tokens=server.tokens) as rookery:
        most = chance.choice((30, 1_000))
        schedule = Schedule(server, rookery, most)
        following = asyncio.create_task(schedule.follow())
        await turns()
        for _ in range(_STEPS):
            chance.choices(*schedule.steps)[0]()
            await turns()
            schedule.check()
        await schedule.calm_down()
        # Where a page ended among hidden items, it is not known what lies below it.
        if server.most_looked_at == _ALL:
            assert schedule.view == server.shown[: len(schedule.view)]
        newest = server.post_now()
        await schedule.calm_down()
        assert schedule.view[0] == schedule.shown[0] == str(newest)
        await schedule.read_all()
        assert schedule.view == server.shown[:most]
        following.cancel()


class Schedule:
    def __init__(self, server: Server, rookery: Rookery, most: int) -> None:
        self._server, self._chance = server, server.chance
        self._timeline = rookery.home_timeline(most=most)
        self._reading: set[asyncio.Task[None]] = set()
        acts: dict[Callable[[], object], float] = {
            server.post_now: 6,
            self._post_late: 4,
            self._remove: 5,
            server.bring_back: 0.3,
            server.lose_log: 0.3,
            server.end_token: 0.5,
            self._serve: 5,
            self._arrive: 6,
            self._fail: 1,
            self._tell: 14,
            self._cut: 1,
            self._end_stream: 0.5,
            self._refuse_sockets: 0.3,
            self._more: 3,
        }
        self.steps = list(acts), list(acts.values())
        self.shown: list[str] = []

    async def follow(self) -> None:
        async for edges in self._timeline:
            self.shown = [edge.node.id for edge in edges]

    @property
    def view(self) -> list[str]:
        return [edge.node.id for edge in self._timeline.edges]

    def check(self) -> None:
        times = [int(item) for item in self.view]
        assert times == sorted(set(times), reverse=True)

    async def read_all(self) -> None:
        while self._timeline.has_more:
            self._more()
            await self.calm_down()

    async def calm_down(self) -> None:
        """Lets all answers and events arrive."""
        self._server.refuses_sockets = False
        for _ in range(500):
            await turns()
            requests, streams = list(self._server.requests), self._server.open_subscriptions()
            for request in requests:
                request.arrive()
            told = [self._server.tell_next(connection, key) for connection, key in streams]
            if streams and not requests and not any(told):
                return
        raise AssertionError("the client does not come to rest")

    def _post_late(self) -> None:
        """Between others, and often near the end of what is shown."""
        shown = [int(item) for item in self.shown] or [self._server.now]
        near = self._chance.choice((shown[-1], self._chance.choice(shown), self._server.now - 60_000))
        self._server.add(min(max(near + self._chance.randint(-500, 500), 1), self._server.now))

    def _remove(self) -> None:
        if self._server.visible:
            items = sorted(self._server.visible)
            shown = [int(item) for item in self.shown if int(item) in self._server.visible]
            last = shown[-1] if shown else items[-1]
            self._server.remove(self._chance.choice((last, items[-1], self._chance.choice(items))))

    def _serve(self) -> None:
        if self._server.requests:
            self._chance.choice(self._server.requests).serve()

    def _arrive(self) -> None:
        if self._server.requests:
            self._chance.choice(self._server.requests).arrive()

    def _fail(self) -> None:
        if self._server.requests:
            self._chance.choice(self._server.requests).arrive(RookeryError("NETWORK", "lost"))

    def _tell(self) -> None:
        if streams := self._server.open_subscriptions():
            connection, key = self._chance.choice(streams)
            for _ in range(self._chance.choice((1, 1, 3, 9))):
                self._server.tell_next(connection, key)

    def _cut(self) -> None:
        for connection in self._server.connections:
            connection.end(self._chance.choice((0, 1012, 1013)))

    def _end_stream(self) -> None:
        if streams := self._server.open_subscriptions():
            connection, key = self._chance.choice(streams)
            self._chance.choice((connection.complete, connection.refuse))(key)

    def _refuse_sockets(self) -> None:
        self._server.refuses_sockets = not self._server.refuses_sockets

    def _more(self) -> None:
        async def more() -> None:
            with suppress(RookeryError):
                await self._timeline.more()

        task = asyncio.create_task(more())
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)
