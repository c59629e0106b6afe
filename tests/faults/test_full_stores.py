"""Stores without room, and slow ones: acts are refused with codes, and all is right afterwards."""

import resource
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.datastore.opened import indexed
from tests.support.people import POST, Person, sign_up
from tests.support.processes.slow_proxy import slow_proxy
from tests.support.service import Service, running_service, settings_for
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

pytestmark = pytest.mark.lengthy
RECOVERY_SECONDS = 30.0
JOURNAL_BYTES = 4_096


@asynccontextmanager
async def town(mongo_url: str, redis_url: str) -> AsyncIterator[tuple[Service, Person, Person]]:
    """`reader` follows `alice`, who posted `before`, and has read it."""
    async with running_service(settings_for(mongo_url, redis_url, rate_limit="off")) as service:
        reader, alice = await sign_up(service, "reader"), await sign_up(service, "alice")
        await reader.follow(alice)
        await alice.post("before")
        await service.settle()
        assert await reader.home_texts() == ["before"]
        yield service, reader, alice


async def shows(reader: Person, *texts: str) -> None:
    """Waits until the home timeline is served from memory, and is just this."""

    async def is_right() -> bool:
        page = await reader.home()
        return page["state"] == "READY" and [edge["node"]["text"] for edge in page["edges"]] == list(texts)

    await eventually(is_right, within=RECOVERY_SECONDS)


async def outcome(person: Person, text: str) -> str | None:
    """The code of a post's refusal, None where it is acknowledged."""
    answer: dict[str, Any] = await person.service.ask(POST, {"input": {"text": text}}, person.token)
    if "errors" in answer:
        (code,) = {error["extensions"]["code"] for error in answer["errors"]}
        return str(code)
    assert answer["data"]["postTweet"]["userErrors"] == []
    return None


async def test_a_redis_that_is_full_costs_no_post_and_no_event(service_database: str, valkey: OwnStore) -> None:
    async with town(service_database, valkey.url) as (service, reader, alice), reader.socket() as socket:
        await socket.watch_home((await reader.home())["headCursor"])
        await service.stores.redis.config_set("maxmemory", 1)
        posted = [f"meanwhile {number}" for number in range(3)]
        assert [await outcome(alice, text) for text in posted] == [None] * 3
        # The jobs of these posts find no room either: they are late, and what is there is right.
        assert [text for text in await reader.home_texts() if text not in posted] == ["before"]
        await service.stores.redis.config_set("maxmemory", 0)
        await alice.post("after")
        await shows(reader, "after", *posted[::-1], "before")
        received = list[str]()
        while len(received) < len(posted) + 1:
            event = await socket.event(within=RECOVERY_SECONDS)
            assert event["__typename"] == "TimelineItemAdded"
            received.append(event["edge"]["node"]["text"])
        assert sorted(received) == sorted([*posted, "after"])


async def test_a_mongodb_that_may_write_no_more_refuses_with_a_code_and_keeps_what_it_acknowledged(
    own_mongo: Callable[[], Awaitable[OwnStore]], redis_url: str
) -> None:
    """The limit of file sizes stands for a full disk: in both cases a write of the journal fails, and mongod ends."""
    mongo = await own_mongo()
    await indexed(mongo.url)
    async with town(mongo.url, redis_url) as (_, reader, alice):
        acknowledged, codes = ["before"], set[str]()
        resource.prlimit(mongo.pid, resource.RLIMIT_FSIZE, (JOURNAL_BYTES, resource.RLIM_INFINITY))

        async def is_refused() -> bool:
            text = f"meanwhile {len(acknowledged)}"
            code = await outcome(alice, text)
            if code is None:
                acknowledged.insert(0, text)
            else:
                codes.add(code)
            return bool(codes)

        await eventually(is_refused, within=RECOVERY_SECONDS)
        assert codes == {"UNAVAILABLE"}
        assert (await reader.home(first=1))["edges"]
        await mongo.restart()
        await eventually(lambda: _is_posted(alice, acknowledged), within=RECOVERY_SECONDS)

        async def is_right() -> bool:
            texts = [text for text in await reader.home_texts() if text in acknowledged]
            return texts == acknowledged

        await eventually(is_right, within=RECOVERY_SECONDS)


async def _is_posted(alice: Person, acknowledged: list[str]) -> bool:
    if await outcome(alice, "after") is not None:
        return False
    acknowledged.insert(0, "after")
    return True


async def test_a_slow_mongodb_is_waited_for_or_refused_with_a_code(mongo_url: str, redis_url: str) -> None:
    await indexed(mongo_url)
    async with slow_proxy(mongo_url) as proxy, town(proxy.url, redis_url) as (service, reader, alice):
        proxy.seconds = 0.3
        assert await outcome(alice, "waited for") is None
        proxy.seconds = 4.5
        assert await outcome(alice, "refused") == "UNAVAILABLE"
        assert [edge["node"]["text"] for edge in (await reader.home())["edges"]][-1:] == ["before"]
        proxy.seconds = 0.0
        await eventually(lambda: _is_posted(alice, []), within=RECOVERY_SECONDS)
        await service.settle()
        shown = [text for text in await reader.home_texts() if text != "refused"]
        assert shown == ["after", "waited for", "before"]
