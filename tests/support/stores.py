"""The stores that the tests run on: one real MongoDB and one real Valkey for the run, and private ones to break."""

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

from datastore.embedded.process import StoreProcess
from datastore.embedded.stores import embedded_stores

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Stores:
    """Servers that all tests of a run share, one test at a time."""

    mongo_url: str
    redis_url: str

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """The URL of a database that nobody has used; dropped at the end."""
        name = f"test_{secrets.token_hex(6)}"
        try:
            yield _with_database(self.mongo_url, name)
        finally:
            milliseconds = int(TIMEOUT_SECONDS * 1000)
            with MongoClient[dict[str, Any]](self.mongo_url, serverSelectionTimeoutMS=milliseconds) as client:
                client.drop_database(name)

    def forget_jobs(self, database_url: str) -> None:
        """Those that acts of earlier tests left, for the workers of one test are not to do what another asked for."""
        milliseconds = int(TIMEOUT_SECONDS * 1000)
        with MongoClient[dict[str, Any]](database_url, serverSelectionTimeoutMS=milliseconds) as client:
            database = client.get_default_database()
            database.outbox.delete_many({})
            database.notices.delete_many({})
            database.tweets.update_many({"fanout": "pending"}, {"$unset": {"fanout": 1}})

    def flush_redis(self) -> None:
        with Redis.from_url(self.redis_url, socket_timeout=TIMEOUT_SECONDS) as client:
            client.flushdb()

    def refuse_used_redis(self) -> None:
        """The tests empty the database between them, so it must not be one that somebody needs."""
        with Redis.from_url(self.redis_url, socket_timeout=TIMEOUT_SECONDS) as client:
            if keys := client.dbsize():
                raise RuntimeError(f"The tests empty ROOKERY_REDIS_URL, and {self.redis_url} holds {keys} keys.")


@contextmanager
def running_stores() -> Iterator[Stores]:
    """Those that ROOKERY_MONGO_URL and ROOKERY_REDIS_URL name; embedded ones in place of those that they don't."""
    mongo_url, redis_url = os.environ.get("ROOKERY_MONGO_URL"), os.environ.get("ROOKERY_REDIS_URL")
    started = embedded_stores(None, mongo_url=mongo_url, redis_url=redis_url)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(started) as urls:
        stores = Stores(urls.mongo, urls.redis)
        stores.refuse_used_redis()
        yield stores


class OwnStore:
    """A store for one test to break; it keeps its address."""

    def __init__(self, process: StoreProcess) -> None:
        self._process = process

    @property
    def url(self) -> str:
        return self._process.server.url

    async def kill(self) -> None:
        """By SIGKILL; returns when it is gone."""
        await self._process.kill()

    async def restart(self, *, empty: bool = False) -> None:
        """Kills it where it runs, and starts it on the same port, with what it held unless `empty`.

        Returns when it answers.
        """
        await self._process.kill()
        if empty:
            shutil.rmtree(self._process.server.folder)
        await self._process.start()

    def pause(self) -> None:
        """It keeps its connections and answers nothing."""
        self._process.send(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send(signal.SIGCONT)


def _with_database(server_url: str, database: str) -> str:
    """With polling monitors: PyMongo's streaming client, closed soon after it was opened, may leave a socket open."""
    parts = urlsplit(server_url)
    query = "&".join(filter(None, [parts.query, "serverMonitoringMode=poll"]))
    return urlunsplit(parts._replace(path=f"/{database}", query=query))
