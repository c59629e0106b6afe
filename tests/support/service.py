"""The whole service in the test's process: the API on a real port and the workers, on real stores."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import uvicorn
from pydantic import SecretStr
from redis.asyncio import Redis
from starlette.types import ASGIApp

from app import Rookery
from core.network.smtp_url import OFF
from core.settings import Settings
from datastore.embedded.stores import free_port
from datastore.jobs.routing import ACCOUNTS, NOTIFICATIONS, TIMELINES
from datastore.redis.client import REDIS_FAILURES, send_all
from datastore.redis.cluster.client import ClusterRedis
from datastore.stores import Stores, open_stores
from tests.support.folders import media_folder
from tests.support.settled import are_queues_empty, is_nothing_unfinished
from tests.support.waiting import eventually
from workers import accounts, notifications
from workers.consumer.batch_runner import BatchRunner
from workers.consumer.runner import Runner
from workers.counters import Counters
from workers.mails import mails
from workers.media import run as media
from workers.moderation import decisions
from workers.push import push
from workers.sweep import Sweeper
from workers.timelines import fanout, timelines
from workers.trends.trends import TrendsWorker

SECRET = SecretStr("the secret of the tests, 32 bytes or more")
CLAIM_IDLE_MS = 300
# Each look asks MongoDB a dozen times; what waits for one is what a lost job leaves.
SWEEP_SECONDS = 1.5
NO_ACT_LIMITS = dict.fromkeys([name for name in Settings.model_fields if name.startswith("limit_")])
OVERDUE_MS = 500
COUNT_MS = 50
COUNTS_OVERDUE_SECONDS = 1.0
TREND_SECONDS = 1.0
TIMEOUT_SECONDS = 20.0
# Shorter than uvicorn's keep-alive, so that no request meets a closing connection.
KEPT = httpx.Limits(keepalive_expiry=2.0)
# For clients of local servers: loading the default certificates takes 0.1 s per client.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True, slots=True)
class Service:
    """`stores` are the test's own, to look behind the API."""

    url: str
    settings: Settings
    stores: Stores
    http: httpx.AsyncClient

    @property
    def websocket_url(self) -> str:
        return self.url.replace("http", "ws", 1) + "/graphql"

    async def ask(
        self, document: str, variables: dict[str, Any] | None = None, token: str | None = None
    ) -> dict[str, Any]:
        """The complete answer to a POST, with errors."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        body = {"query": document, "variables": variables or {}}
        answer = await self.http.post("/graphql", json=body, headers=headers)
        result: dict[str, Any] = answer.json()
        return result

    async def settle(self) -> None:
        """Returns when no job is queued or running, and none is left to be issued from MongoDB."""
        await eventually(self.is_settled, within=TIMEOUT_SECONDS)

    async def is_settled(self) -> bool:
        try:
            return await are_queues_empty(self.stores) and await is_nothing_unfinished(self.stores)
        except REDIS_FAILURES:  # a stalled process takes Redis for frozen; the next poll asks again
            return False

    async def fingerprint(self) -> dict[str, str]:
        """Hashes of all MongoDB collections when all jobs are done; equal before and after a refused act."""
        await self.settle()
        await self.stores.push.vapid_keys.get()  # made on the first question, which a worker asks as it starts
        answer = await self.stores.mongo.database.command("dbHash")
        hashes: dict[str, str] = answer["collections"]
        return hashes


def settings_for(mongo_url: str, redis_url: str, **more: Any) -> Settings:
    """Without mail, unless `smtp_url` says so, and without limits of acts, unless they are given.

    Most tests make people, and read no mail; all of them are new, and come from one address.
    """
    chosen: dict[str, Any] = {
        "smtp_url": SecretStr(OFF),
        "media_url": media_folder().as_uri(),
        **NO_ACT_LIMITS,
        **more,
    }
    return Settings(mongo_url=mongo_url, redis_url=redis_url, secret_key=SECRET, **chosen)


@asynccontextmanager
async def running_api(settings: Settings, port: int | None = None) -> AsyncIterator[str]:
    """Serves the API on the port, or on a free one; the context is its URL."""
    port = port or free_port()
    async with serving_app(Rookery(settings).asgi(), port):
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def serving_app(app: ASGIApp, port: int) -> AsyncIterator[None]:
    """Serves an application by uvicorn."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=5))
    serving = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started or serving.done(), within=TIMEOUT_SECONDS)
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def running_workers(
    stores: Stores,
    overdue_ms: int = OVERDUE_MS,
    *,
    settings: Settings | None = None,
    sweep_seconds: float = SWEEP_SECONDS,
) -> AsyncIterator[None]:
    """Mails and pushes leave only where `settings` are given, and say so. What a lost job leaves waits for a sweep."""
    stop = asyncio.Event()
    runs = [
        fanout.run(stores, stop, claim_idle_ms=CLAIM_IDLE_MS),
        Runner(stores.jobs, ACCOUNTS, partial(accounts.handle, stores), claim_idle_ms=CLAIM_IDLE_MS).run(stop),
        BatchRunner(
            stores.jobs,
            NOTIFICATIONS,
            partial(notifications.handle, stores),
            claim_idle_ms=CLAIM_IDLE_MS,
        ).run(stop),
        Runner(stores.jobs, TIMELINES, partial(timelines.handle, stores), claim_idle_ms=CLAIM_IDLE_MS).run(stop),
        Counters(stores, every_ms=COUNT_MS, overdue=timedelta(seconds=min(COUNTS_OVERDUE_SECONDS, sweep_seconds))).run(
            stop
        ),
        TrendsWorker(stores.trends, stores.users.accounts, every_seconds=TREND_SECONDS).run(stop),
        decisions.run(stores, stop, claim_idle_ms=CLAIM_IDLE_MS),
        media.run(stores, stop, claim_idle_ms=CLAIM_IDLE_MS, clean_seconds=sweep_seconds),
        Sweeper(stores.jobs, stores.notifications, every_seconds=sweep_seconds, overdue_ms=overdue_ms).run(stop),
    ]
    if settings is not None:
        runs.append(mails.run(stores, settings, stop, claim_idle_ms=CLAIM_IDLE_MS))
        runs.append(push.run(stores, settings, stop, claim_idle_ms=CLAIM_IDLE_MS))
    async with asyncio.TaskGroup() as group:
        for run in runs:
            group.create_task(run)
        try:
            yield
        finally:
            stop.set()
            await _wake_consumers(stores.jobs.redis)


async def _wake_consumers(redis: Redis) -> None:
    """Ends the reads that wait for jobs: consumers look whether they are to stop after each.

    Not where the service has an account of its own, which may not see other connections.
    """
    if redis.connection_pool.connection_kwargs.get("password"):
        return
    with suppress(*REDIS_FAILURES):
        for node in await redis.masters() if isinstance(redis, ClusterRedis) else [redis]:
            waiting = [one["id"] for one in await node.client_list() if one["cmd"] == "xreadgroup"]
            await send_all(node, [("CLIENT", "UNBLOCK", one) for one in waiting])


@asynccontextmanager
async def _known_run(stores: Stores) -> AsyncIterator[None]:
    if (run := await stores.jobs.locks.new_run_id()) is not None:
        await stores.jobs.locks.record_run_id(run)
    yield


@asynccontextmanager
async def running_service(
    settings: Settings, *, with_workers: bool = True, port: int | None = None
) -> AsyncIterator[Service]:
    """API and workers on a database with indexes.

    Workers take an emptied Redis for a restarted one and would issue jobs of earlier tests again, but for a known run.
    """
    async with (
        open_stores(settings) as stores,
        _known_run(stores),
        running_api(settings, port) as url,
        httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, limits=KEPT, verify=NO_AUTHORITIES) as http,
        running_workers(stores, settings=settings) if with_workers else nullcontext(),
    ):
        yield Service(url, settings, stores, http)
