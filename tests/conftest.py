"""Fixtures for every room: shared stores, private stores to break, and the service."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from anyio.from_thread import start_blocking_portal
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

import core.auth.passwords
from core.runtime.gc_tuning import tune_gc
from datastore.admin.indexes import make_indexes
from datastore.embedded.process import StoreProcess
from datastore.embedded.programs import find_mongod, find_valkey
from datastore.embedded.servers import MongoServer, Server, ValkeyServer
from datastore.embedded.stores import free_port
from datastore.mongo.client import open_mongo
from tests.support.documents import shared_documents
from tests.support.processes.redis_cluster import Cluster, running_cluster
from tests.support.service import Service, running_service, settings_for
from tests.support.stores import OwnStore, Stores, running_stores

pytest_plugins = ["tests.support.distribution"]

# Property tests may be slow on a busy machine, and all their examples share the stores.
settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("unhurried")

# Until all tests are collected: what is made by then stays.
gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests run first, so that no process runs one alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("lengthy") is None)


def pytest_collection_finish() -> None:
    """Modules and tests are never collected: walking them again and again took an eighth of all processor time."""
    tune_gc()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def costly_hasher() -> Iterator[PasswordHasher]:
    """Replaces the password hasher by a cheap one for all tests; the value is the real one."""
    costly = core.auth.passwords.HASHER
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.auth.passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield costly


@pytest.fixture(scope="session", autouse=True)
def _documents() -> Iterator[None]:
    with shared_documents():
        yield


@pytest.fixture(scope="session")
def stores() -> Iterator[Stores]:
    with running_stores() as stores:
        yield stores


@pytest.fixture
def mongo_url(stores: Stores) -> Iterator[str]:
    """A database of the test's own."""
    with stores.fresh_database() as url:
        yield url


@pytest.fixture
def redis_url(stores: Stores) -> str:
    """Empty when the test starts."""
    stores.flush_redis()
    return stores.redis_url


@pytest.fixture(scope="session")
def running_cluster_of_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with start_blocking_portal() as portal:
        started = running_cluster(tmp_path_factory.mktemp("cluster"))
        with portal.wrap_async_context_manager(started) as cluster:
            yield cluster


@pytest.fixture
async def cluster(running_cluster_of_redis: Cluster) -> Cluster:
    """Empty when the test starts. A test that breaks a cluster starts its own."""
    await running_cluster_of_redis.flush()
    return running_cluster_of_redis


@pytest.fixture
async def own_stores() -> AsyncIterator[Callable[[Server], Awaitable[OwnStore]]]:
    """Starts private servers, which are stopped after the test."""
    async with AsyncExitStack() as stack:

        async def start(server: Server) -> OwnStore:
            process = StoreProcess(server, is_ephemeral=True)
            stack.push_async_callback(process.stop)
            await process.start()
            return OwnStore(process)

        yield start


@pytest.fixture
def own_valkey(
    own_stores: Callable[[Server], Awaitable[OwnStore]], tmp_path: Path
) -> Callable[[], Awaitable[OwnStore]]:
    async def start() -> OwnStore:
        port = free_port()
        return await own_stores(ValkeyServer(find_valkey(), tmp_path / "stores" / f"valkey-{port}", port))

    return start


@pytest.fixture
async def valkey(own_valkey: Callable[[], Awaitable[OwnStore]]) -> OwnStore:
    """A private Valkey that the test may break."""
    return await own_valkey()


@pytest.fixture
def own_mongo(own_stores: Callable[[Server], Awaitable[OwnStore]], tmp_path: Path) -> Callable[[], Awaitable[OwnStore]]:
    async def start() -> OwnStore:
        port = free_port()
        return await own_stores(MongoServer(find_mongod(), tmp_path / "stores" / f"mongo-{port}", port))

    return start


@pytest.fixture
def service_database(stores: Stores, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with indexes and without unfinished jobs; rows of other tests have other handles.

    Tests with a Valkey of their own have it alone: once that is restarted, the workers issue all posts of the last two
    minutes again, which would be those of other tests too.
    """
    if "own_valkey" in request.fixturenames:
        with _indexed_database(stores) as url:
            yield url
        return
    kept: str = request.getfixturevalue("kept_database")
    stores.forget_jobs(kept)
    yield kept


@pytest.fixture(scope="session")
def kept_database(stores: Stores) -> Iterator[str]:
    """The database of all tests that use the API."""
    with _indexed_database(stores) as url:
        yield url


@pytest.fixture
async def service(service_database: str, redis_url: str) -> AsyncIterator[Service]:
    """The API and the workers in this process."""
    async with running_service(settings_for(service_database, redis_url)) as service:
        yield service


@pytest.fixture(scope="module")
def module_database(stores: Stores, request: pytest.FixtureRequest) -> Iterator[str]:
    """The shared database, or the module's own where it sets OWN_DATABASE."""
    if not getattr(request.module, "OWN_DATABASE", False):
        yield request.getfixturevalue("kept_database")
        return
    with _indexed_database(stores) as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_service(
    stores: Stores, module_database: str, request: pytest.FixtureRequest
) -> AsyncIterator[Service]:
    """One service for all tests of a module, which run in the module's loop; its SETTINGS override settings."""
    stores.flush_redis()
    stores.forget_jobs(module_database)
    more = {"rate_limit": "off", **getattr(request.module, "SETTINGS", {})}
    async with running_service(settings_for(module_database, stores.redis_url, **more)) as service:
        yield service


@contextmanager
def _indexed_database(stores: Stores) -> Iterator[str]:
    with stores.fresh_database() as url:
        asyncio.run(_make_indexes(url))
        yield url


async def _make_indexes(mongo_url: str) -> None:
    async with open_mongo(mongo_url) as mongo:
        await make_indexes(mongo)
