"""Private stores that tests may break."""

from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from tests.datastore.embedded.embedded_run import mongo_client, redis_pid, redis_value
from tests.support.stores import OwnStore
from tests.support.waiting import eventually


async def test_paused_store_answers_again_when_resumed(own_valkey: Callable[[], Awaitable[OwnStore]]) -> None:
    store = await own_valkey()
    async with Redis.from_url(store.url, socket_timeout=0.1) as client:
        await client.set("kept", "yes")
        store.pause()
        assert await redis_value(store.url, "kept") is None
        store.resume()
        assert await eventually(lambda: redis_value(store.url, "kept")) == b"yes"


async def test_own_store_restarts_with_or_without_what_it_held(own_valkey: Callable[[], Awaitable[OwnStore]]) -> None:
    store = await own_valkey()
    async with Redis.from_url(store.url) as client:
        await client.set("kept", "yes")
    await store.kill()
    assert await redis_pid(store.url) is None
    await store.restart()
    assert await redis_value(store.url, "kept") == b"yes"
    await store.restart(empty=True)
    assert await redis_value(store.url, "kept") is None


async def test_own_mongo_restarts_as_primary(own_mongo: Callable[[], Awaitable[OwnStore]]) -> None:
    store = await own_mongo()
    await store.restart()
    async with mongo_client(store.url) as client:
        assert (await client.get_default_database()["things"].insert_one({"_id": 1})).acknowledged


@pytest.mark.usefixtures("valkey")
async def test_service_that_may_lose_its_redis_has_no_posts_of_other_tests(
    service_database: str, kept_database: str
) -> None:
    assert service_database != kept_database
