"""The stores of a test run: one real MongoDB and one real Valkey for all tests, and private ones to break."""

import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from anyio.from_thread import start_blocking_portal
from pymongo import MongoClient
from redis import Redis
from redis.driver_info import DriverInfo

from datastore.embedded.process import StoreProcess
from datastore.embedded.stores import embedded_stores
from tests.support.folders import memory_folder

TIMEOUT_SECONDS = 10.0
CACHE_SIZE = "1G"


@dataclass(frozen=True, slots=True)
class Stores:
    """Servers that all tests of a run share, one test after the other, and a client of each to clean up by."""

    mongo_url: str
    redis_url: str
    mongo: MongoClient[dict[str, Any]]
    redis: Redis

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """The URL of a new database, which is dropped at the end."""
        name = f"test_{secrets.token_hex(6)}"
        try:
            yield _with_database(self.mongo_url, name)
        finally:
            self.mongo.drop_database(name)

    def forget_jobs(self, database_url: str) -> None:
        """Deletes unfinished jobs of earlier tests, so that the workers of one test do not run those of another."""
        database = self.mongo[urlsplit(database_url).path.removeprefix("/")]
        database.outbox.delete_many({})
        database.notices.delete_many({})
        database.mails.delete_many({})
        database.tweets.update_many({"fanout": "pending"}, {"$unset": {"fanout": 1}})

    def flush_redis(self) -> None:
        """Leaves no connection, for some tests look at all of them."""
        self.redis.flushdb()
        self.redis.connection_pool.disconnect()

    def refuse_used_redis(self) -> None:
        """Raises RuntimeError where the database has keys, because tests empty it."""
        keys = self.redis.dbsize()
        self.redis.connection_pool.disconnect()
        if keys:
            raise RuntimeError(f"The tests empty ROOKERY_REDIS_URL, and {self.redis_url} holds {keys} keys.")

    @contextmanager
    def long_transactions(self) -> Iterator[None]:
        """Transactions of many documents may take a busy machine longer than those of killed processes may stay."""
        limit = "transactionLifetimeLimitSeconds"
        usual = self.mongo.admin.command({"getParameter": 1, limit: 1})[limit]
        self.mongo.admin.command({"setParameter": 1, limit: 60})
        try:
            yield
        finally:
            self.mongo.admin.command({"setParameter": 1, limit: usual})

    def suit_tests(self) -> None:
        """Expired rows stay: their minutely deletion would change fingerprints at any moment.

        Nobody reads diagnostics, and a cache that holds all databases is searched for nothing to write out.
        """
        self.mongo.admin.command("setParameter", 1, ttlMonitorEnabled=False)
        self.mongo.admin.command("setParameter", 1, diagnosticDataCollectionEnabled=False)
        self.mongo.admin.command("setParameter", 1, wiredTigerEngineRuntimeConfig=f"cache_size={CACHE_SIZE}")


@contextmanager
def running_stores() -> Iterator[Stores]:
    """The stores that ROOKERY_MONGO_URL and ROOKERY_REDIS_URL name, or embedded ones."""
    mongo_url, redis_url = os.environ.get("ROOKERY_MONGO_URL"), os.environ.get("ROOKERY_REDIS_URL")
    started = embedded_stores(None, mongo_url=mongo_url, redis_url=redis_url, scratch=memory_folder())
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(started) as urls,
        _mongo_client(urls.mongo) as mongo,
        Redis.from_url(urls.redis, socket_timeout=TIMEOUT_SECONDS, driver_info=DriverInfo()) as redis,
    ):
        stores = Stores(urls.mongo, urls.redis, mongo, redis)
        if mongo_url is None:
            stores.suit_tests()
        stores.refuse_used_redis()
        yield stores


class OwnStore:
    """A store that one test may break; it keeps its address."""

    def __init__(self, process: StoreProcess) -> None:
        self._process = process

    @property
    def url(self) -> str:
        return self._process.server.url

    @property
    def pid(self) -> int:
        return self._process.pid

    async def kill(self) -> None:
        """Kills the store by SIGKILL; returns when it is gone."""
        await self._process.kill()

    async def restart(self, *, empty: bool = False) -> None:
        """Kills the store and starts it on the same port, with its data unless `empty`. Returns when it answers."""
        await self._process.kill()
        if empty:
            shutil.rmtree(self._process.server.folder)
        await self._process.start()

    async def set_memory_limit(self, size: int) -> None:
        """A Redis refuses writes beyond so many bytes, until it is restarted."""
        with Redis.from_url(self.url, socket_timeout=TIMEOUT_SECONDS) as client:
            client.config_set("maxmemory", size)

    def pause(self) -> None:
        """The store keeps its connections and answers nothing."""
        self._process.send(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send(signal.SIGCONT)


def _mongo_client(url: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(url, serverSelectionTimeoutMS=int(TIMEOUT_SECONDS * 1000), serverMonitoringMode="poll")


def _with_database(server_url: str, database: str) -> str:
    """Monitors poll: PyMongo's streaming client, closed soon after it was opened, may leave a socket open."""
    parts = urlsplit(server_url)
    query = "&".join(filter(None, [parts.query, "serverMonitoringMode=poll"]))
    return urlunsplit(parts._replace(path=f"/{database}", query=query))
