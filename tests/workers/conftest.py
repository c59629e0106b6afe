"""Fixtures: empty stores with short lists and a low limit of fan-out on write."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager

import pytest

from core.settings import Settings, Switch
from datastore.stores import Stores, open_stores
from tests.datastore.opened import indexed
from tests.support.folders import media_folder
from tests.support.stores import Stores as Servers

LENGTH = 5
FANOUT_LIMIT = 3
Opening = Callable[[str], AbstractAsyncContextManager[Stores]]


@pytest.fixture(scope="session")
def workers_database(stores: Servers) -> Iterator[str]:
    """One database with its indexes for all tests of this folder, one after another."""
    with stores.fresh_database() as url:
        asyncio.run(indexed(url))
        yield url


@pytest.fixture
def opening(workers_database: str) -> Opening:
    """Opens the stores with the Redis of a URL."""
    settings = Settings(
        mongo_url=workers_database,
        timeline_length=LENGTH,
        fanout_limit=FANOUT_LIMIT,
        media_url=media_folder().as_uri(),
        rate_limit=Switch.OFF,
    )
    return lambda redis_url: open_stores(settings.model_copy(update={"redis_url": redis_url}))


@pytest.fixture
async def opened(opening: Opening, redis_url: str) -> AsyncIterator[Stores]:
    async with opening(redis_url) as stores:
        await emptied(stores)
        yield stores


async def emptied(stores: Stores) -> None:
    for name in await stores.mongo.database.list_collection_names():
        await stores.mongo.collection(name).delete_many({})
