"""Sockets cut, API processes and Redis killed, at random and under load: who resumes has what the model has."""

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
from schema.values.timeline_cursors import EVENTS, UNSEEN_IN_CURSOR
from tests.support.api_process import api_processes
from tests.support.people import FOLLOW
from tests.support.scenes.following import HOME
from tests.support.scenes.resuming import DELETED_EVERY, Author, Resuming, Town
from tests.support.service import NO_AUTHORITIES, SECRET, settings_for
from tests.support.stores import OwnStore
from tests.support.waiting import eventually
from tests.support.worker_process import worker_processes

RESUMED_WITHIN_SECONDS = 2.0
CURSORS = CursorCodec([SECRET.get_secret_value().encode()])
# Workers may be behind on a busy machine, and that alone is no reason to issue anything again.
OVERDUE_MS = 5_000
# Redis may write to its file so much later, and API and workers take a moment to find it back.
UNWRITTEN_SECONDS, FOUND_SECONDS = 2.0, 1.0


class Outage(NamedTuple):
    """Of Redis."""

    began: float
    ended: float

    def may_have_lost(self, done_at: float, told_at: float) -> bool:
        """Of an act by when it was acknowledged, and when the reader was told."""
        return told_at > self.began - UNWRITTEN_SECONDS and done_at < self.ended + FOUND_SECONDS


@pytest.fixture
async def town(service_database: str, valkey: OwnStore) -> AsyncIterator[Town]:
    settings: Settings = settings_for(service_database, valkey.url, rate_limit="off")
    async with (
        worker_processes(settings, 1, OVERDUE_MS),
        api_processes(settings, 2) as apis,
        open_stores(settings) as stores,
        httpx.AsyncClient(timeout=10.0, verify=NO_AUTHORITIES) as http,
    ):
        yield Town(apis, stores, http)


async def test_some_faults_cost_no_event(town: Town, valkey: OwnStore) -> None:
    await play(town, valkey, cuts=6, kills=1, restarts=1)


async def test_after_some_cuts_and_kills_all_came_in_order(town: Town, valkey: OwnStore) -> None:
    await play(town, valkey, cuts=6, kills=2, restarts=0)


@pytest.mark.long
async def test_many_faults_cost_no_event(town: Town, valkey: OwnStore) -> None:
    _compare_times(*await play(town, valkey, cuts=50, kills=10, restarts=5))


@pytest.mark.long
async def test_after_many_cuts_and_kills_all_came_in_order(town: Town, valkey: OwnStore) -> None:
    _compare_times(*await play(town, valkey, cuts=50, kills=10, restarts=0))


async def play(
    town: Town, valkey: OwnStore, *, cuts: int, kills: int, restarts: int
) -> tuple[Resuming, Sequence[Outage]]:
    author_id, author_token = await town.sign_up("author")
    _, token = await town.sign_up("reader")
    await town.ask(FOLLOW, token, id=author_id)
    await eventually(lambda: _is_settled(town.stores), within=20.0)
    head = (await town.ask(HOME, token))["homeTimeline"]["headCursor"]
    author, reader = Author(town, author_token), Resuming(town, token, head)
    faults = [*["cut"] * cuts, *["kill"] * kills, *["restart"] * restarts]
    random.Random(cuts).shuffle(faults)
    outages: list[Outage] = []
    async with _running(reader.follow()), _running(author.keep_acting()):
        for number, fault in enumerate(faults):
            await author.goes_on()
            match fault:
                case "cut":
                    reader.cut()
                case "kill":
                    await town.apis.kill(number)
                case _:
                    outages.append(await _restart(valkey, author))
        await author.goes_on()
        await author.end()
    await _compare(town, author, reader)
    _compare_order(author, reader, outages)
    return reader, outages


async def _restart(valkey: OwnStore, author: Author) -> Outage:
    began = monotonic()
    await valkey.kill()
    await author.goes_on()
    await valkey.restart()
    return Outage(began, monotonic())


async def _compare(town: Town, author: Author, reader: Resuming) -> None:
    """The reader goes on until it has all that the model has; what it was told is told once, each at a later place."""
    await eventually(lambda: _is_settled(town.stores), within=60.0)
    standing = set(author.posted) - author.deleted
    async with _running(reader.follow()):
        await eventually(lambda: _shows(reader, standing), within=30.0)
    told = [change for change, _ in reader.told]
    assert len(author.posted) > DELETED_EVERY
    assert len(told) == len(set(told))
    assert set(told) <= set(author.acts)
    assert reader.resets == 0
    places = [CURSORS.decode(EVENTS, cursor, *range(3, 4 + UNSEEN_IN_CURSOR))[:2] for cursor in reader.cursors]
    assert places == sorted(set(places))


def _shows(reader: Resuming, standing: set[str]) -> bool:
    shown = set(reader.shown)
    assert shown == standing, f"lacks {standing - shown}, and shows {shown - standing}; it was told {reader.told[-12:]}"
    return True


def _compare_order(author: Author, reader: Resuming, outages: Sequence[Outage]) -> None:
    """As the acts were acknowledged, apart from those of which Redis may have lost what workers are to do, or did.

    A deleted tweet may be left out.
    """
    at = dict(reader.told)
    sure = [act for act in author.acts if act in at and act not in author.late]
    sure = [act for act in sure if not any(one.may_have_lost(author.acts[act], at[act]) for one in outages)]
    assert [change for change in at if change in set(sure)] == sure
    assert sure


def _compare_times(reader: Resuming, outages: Sequence[Outage]) -> None:
    """From the loss of the socket to the first event of the next one, apart from those that found no Redis."""
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
