"""A resuming client has exactly the model's events, while sockets are cut and API processes and Redis killed."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any, NamedTuple

import httpx
import pytest

from core.cursors import CursorCodec
from core.settings import Settings
from datastore.stores import Stores, open_stores
from schema.values.timeline_cursors import EVENTS, WITHHELD_IN_CURSOR
from tests.support.people import FOLLOW
from tests.support.processes.api_processes import api_processes
from tests.support.processes.worker_processes import worker_processes
from tests.support.scenarios.timelines.live_timeline import HOME
from tests.support.scenarios.timelines.resuming_client import DELETED_EVERY, Author, ResumingClient, RetryingApi
from tests.support.service import NO_AUTHORITIES, SECRET, settings_for
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

RESUMED_WITHIN_SECONDS = 2.0
CURSORS = CursorCodec([SECRET.get_secret_value().encode()])
# Workers may be late on a busy machine, which alone is no reason to issue jobs again.
OVERDUE_MS = 5_000
# Redis may write to its file this much later; API and workers need a moment to reconnect.
UNWRITTEN_SECONDS, FOUND_SECONDS = 2.0, 1.0


class Outage(NamedTuple):
    """A time without Redis."""

    began: float
    ended: float

    def may_have_lost(self, done_at: float, published_at: float) -> bool:
        """Whether Redis may have lost the job or the event of an act acknowledged and published at these times."""
        return published_at > self.began - UNWRITTEN_SECONDS and done_at < self.ended + FOUND_SECONDS


@pytest.fixture
async def api(service_database: str, valkey: OwnStore) -> AsyncIterator[RetryingApi]:
    settings: Settings = settings_for(service_database, valkey.url, rate_limit="off")
    async with (
        worker_processes(settings, 1, OVERDUE_MS),
        api_processes(settings, 2) as apis,
        open_stores(settings) as stores,
        httpx.AsyncClient(timeout=10.0, verify=NO_AUTHORITIES) as http,
    ):
        yield RetryingApi(apis, stores, http)


async def test_some_faults_cost_no_event(api: RetryingApi, valkey: OwnStore) -> None:
    await play(api, valkey, cuts=6, kills=1, restarts=1)


async def test_after_some_cuts_and_kills_all_came_in_order(api: RetryingApi, valkey: OwnStore) -> None:
    await play(api, valkey, cuts=6, kills=2, restarts=0)


@pytest.mark.long
async def test_many_faults_cost_no_event(api: RetryingApi, valkey: OwnStore) -> None:
    _compare_times(*await play(api, valkey, cuts=50, kills=10, restarts=5))


@pytest.mark.long
async def test_after_many_cuts_and_kills_all_came_in_order(api: RetryingApi, valkey: OwnStore) -> None:
    _compare_times(*await play(api, valkey, cuts=50, kills=10, restarts=0))


async def play(
    api: RetryingApi, valkey: OwnStore, *, cuts: int, kills: int, restarts: int
) -> tuple[ResumingClient, Sequence[Outage]]:
    author_id, author_token = await api.sign_up("author")
    _, token = await api.sign_up("reader")
    await api.ask(FOLLOW, token, id=author_id)
    await eventually(lambda: _is_settled(api.stores), within=20.0)
    head = (await api.ask(HOME, token))["homeTimeline"]["headCursor"]
    author, reader = Author(api, author_token), ResumingClient(api, token, head)
    faults = [*["cut"] * cuts, *["kill"] * kills, *["restart"] * restarts]
    random.Random(cuts).shuffle(faults)
    outages: list[Outage] = []
    async with _running(reader.follow()), _running(author.keep_acting()):
        for number, fault in enumerate(faults):
            await author.some_more_acts()
            match fault:
                case "cut":
                    reader.cut()
                case "kill":
                    await api.apis.kill(number)
                case _:
                    outages.append(await _restart(valkey, author))
        await author.some_more_acts()
        await author.end()
    await _compare(api, author, reader)
    _compare_order(author, reader, outages)
    return reader, outages


async def _restart(valkey: OwnStore, author: Author) -> Outage:
    began = monotonic()
    await valkey.kill()
    await author.some_more_acts()
    await valkey.restart()
    return Outage(began, monotonic())


async def _compare(api: RetryingApi, author: Author, reader: ResumingClient) -> None:
    """Waits until the reader shows the model's timeline; each event comes once, at increasing stream positions."""
    await eventually(lambda: _is_settled(api.stores), within=60.0)
    remaining = set(author.posted) - author.deleted
    async with _running(reader.follow()):
        await eventually(lambda: _shows(reader, remaining), within=30.0)
    received = [change for change, _ in reader.received]
    assert len(author.posted) > DELETED_EVERY
    assert len(received) == len(set(received))
    assert set(received) <= set(author.acts)
    assert reader.resets == 0
    places = [CURSORS.decode(EVENTS, cursor, *range(3, 4 + WITHHELD_IN_CURSOR))[:2] for cursor in reader.cursors]
    assert places == sorted(set(places))


def _shows(reader: ResumingClient, remaining: set[str]) -> bool:
    shown = set(reader.shown)
    assert shown == remaining, (
        f"lacks {remaining - shown}, and shows {shown - remaining}; it received {reader.received[-12:]}"
    )
    return True


def _compare_order(author: Author, reader: ResumingClient, outages: Sequence[Outage]) -> None:
    """Events must come in the order of the acknowledged acts, apart from acts whose jobs or events Redis may have lost.

    A deleted tweet may be missing.
    """
    at = dict(reader.received)
    sure = [act for act in author.acts if act in at and act not in author.late]
    sure = [act for act in sure if not any(one.may_have_lost(author.acts[act], at[act]) for one in outages)]
    assert [change for change in at if change in set(sure)] == sure
    assert sure


def _compare_times(reader: ResumingClient, outages: Sequence[Outage]) -> None:
    """Checks the times from a lost socket to the next event, apart from times without Redis."""
    seconds = sorted(
        back_at - lost_at
        for lost_at, back_at in reader.resumed
        if not any(one.began < back_at and lost_at < one.ended for one in outages)
    )
    assert seconds[int(len(seconds) * 0.99)] < RESUMED_WITHIN_SECONDS


async def _is_settled(stores: Stores) -> bool:
    return not await stores.jobs.outbox.unfinished(-1_000, limit=1)


@asynccontextmanager
async def _running(work: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
        if task.done():
            await task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
