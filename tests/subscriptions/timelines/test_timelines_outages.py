"""Redis restarts under an open socket: the socket stays open, and events resume by themselves."""

import asyncio

import pytest

from tests.support.people import Person, Socket, sign_up
from tests.support.service import Service
from tests.support.stores import OwnStore
from tests.support.waiting import eventually


async def pair(service: Service) -> tuple[Person, Person]:
    reader, alice = await sign_up(service, "reader"), await sign_up(service, "alice")
    await reader.follow(alice)
    await service.settle()
    return reader, alice


async def seconds_passed(seconds: float) -> None:
    """Keeps an outage going."""
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    await eventually(lambda: clock() >= end, within=seconds + 1)


async def added(socket: Socket, *texts: str) -> None:
    """The next events must be items with these texts, once each, in any order: an outage may reorder them."""
    events = [await socket.event(within=20.0) for _ in texts]
    assert {event["__typename"] for event in events} == {"TimelineItemAdded"}
    assert sorted(event["edge"]["node"]["text"] for event in events) == sorted(texts)


async def is_quiet(service: Service, socket: Socket) -> bool:
    """Whether no event waits once all jobs are done, for a pong would come after it."""
    await service.settle()
    await socket.send({"type": "ping"})
    return await socket.message() == {"type": "pong"}


@pytest.mark.parametrize("down_seconds", [0.2, 2.0, pytest.param(15.0, marks=pytest.mark.long)])
async def test_events_resume_after_a_restart_and_none_is_lost(
    frail_service: Service, valkey: OwnStore, down_seconds: float
) -> None:
    reader, alice = await pair(frail_service)
    head = (await reader.home())["headCursor"]
    async with reader.socket() as socket:
        await socket.watch_home(head)
        await alice.post("before")
        await added(socket, "before")
        await valkey.kill()
        await alice.post("meanwhile")
        await seconds_passed(down_seconds)
        await valkey.restart()
        await added(socket, "meanwhile")
        await alice.post("after")
        await added(socket, "after")
        assert await is_quiet(frail_service, socket)
    assert await reader.home_texts() == ["after", "meanwhile", "before"]


async def test_events_resume_after_restarts_in_succession(frail_service: Service, valkey: OwnStore) -> None:
    reader, alice = await pair(frail_service)
    head = (await reader.home())["headCursor"]
    expected = []
    async with reader.socket() as socket:
        await socket.watch_home(head)
        for number in range(4):
            await valkey.restart()
            await alice.post(f"tweet {number}")
            expected.append(f"tweet {number}")
        await added(socket, *expected)
        assert await is_quiet(frail_service, socket)
    assert await reader.home_texts() == expected[::-1]


async def test_events_resume_after_redis_lost_everything(frail_service: Service, valkey: OwnStore) -> None:
    reader, alice = await pair(frail_service)
    await alice.post("before")
    await frail_service.settle()
    head = (await reader.home())["headCursor"]
    async with reader.socket() as socket:
        await socket.watch_home(head)
        await valkey.restart(empty=True)
        reset = await socket.event(within=20.0)
        assert (reset["__typename"], reset["reason"]) == ("TimelineReset", "CURSOR_TOO_OLD")
        rebuilt = await socket.event(within=20.0)
        assert (rebuilt["__typename"], rebuilt["reason"]) == ("TimelineReset", "REBUILT")
        await alice.post("after")
        await added(socket, "after")
    async with reader.socket() as socket:
        await socket.watch_home(rebuilt["cursor"])
        await added(socket, "after")
    page = await reader.home()
    assert (page["state"], [edge["node"]["text"] for edge in page["edges"]]) == ("READY", ["after", "before"])


async def test_subscription_made_while_redis_is_away_gets_events_once_it_is_back(
    frail_service: Service, valkey: OwnStore
) -> None:
    reader, alice = await pair(frail_service)
    head = (await reader.home())["headCursor"]
    await valkey.kill()
    async with reader.socket() as socket:
        await socket.watch_home(head)
        await alice.post("meanwhile")
        await valkey.restart()
        await added(socket, "meanwhile")


async def test_frozen_redis_delays_events_and_loses_none(frail_service: Service, valkey: OwnStore) -> None:
    reader, alice = await pair(frail_service)
    head = (await reader.home())["headCursor"]
    async with reader.socket() as socket:
        await socket.watch_home(head)
        valkey.pause()
        try:
            await alice.post("meanwhile")
            await seconds_passed(3.0)
        finally:
            valkey.resume()
        await alice.post("after")
        await added(socket, "meanwhile", "after")
    assert await reader.home_texts() == ["after", "meanwhile"]
