"""The deployment of docker/compose.cluster.yaml as plain processes of this machine, with the very files of docker/.

API processes behind HAProxy, workers, a Redis Cluster of three shards, a Redis for jobs, a replica set of three: all on
the loopback, on ports that were free, ending with the process that started them.
"""

import asyncio
import csv
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from os import environ
from pathlib import Path
from typing import TypeVar

import httpx
from pydantic import SecretStr

from bench.deployment.forming import form_cluster, form_set, is_master, is_primary
from bench.deployment.nodes import CONFIGURATION, MongoMember, RedisNode, Running
from bench.harness.children import Child
from bench.harness.waiting import until
from core.settings import Settings, Switch
from datastore.admin.indexes import make_indexes
from datastore.embedded.programs import find_mongod, find_valkey
from datastore.embedded.servers import DATABASE, REPLICA_SET
from datastore.embedded.stores import free_port
from datastore.stores import open_stores

SHARDS, APIS, WORKERS, MEMBERS = 3, 3, 2, 3
_START_SECONDS = 180.0
S = TypeVar("S", bound=RedisNode | MongoMember)


class MissingBalancerError(SystemExit):
    """HAProxy is not on this machine."""


@dataclass(frozen=True, slots=True)
class Api:
    """An API process; `name` is what HAProxy calls it."""

    name: str
    url: str
    process: Child


@dataclass(frozen=True, slots=True)
class Deployed:
    """The stores. The nodes of a shard are in no order: who leads changes."""

    shards: Sequence[Sequence[Running[RedisNode]]]
    jobs: Running[RedisNode]
    mongo: Sequence[Running[MongoMember]]

    async def primary(self) -> Running[MongoMember]:
        """Raises LookupError while MongoDB has none."""
        return await _leader(self.mongo, is_primary)

    async def master(self, shard: int) -> Running[RedisNode]:
        """Raises LookupError while the shard has none."""
        return await _leader(self.shards[shard], is_master)

    @property
    def nodes(self) -> list[Running[RedisNode]]:
        """All of Redis, the jobs' too."""
        return [self.jobs, *(node for shard in self.shards for node in shard)]


@dataclass(frozen=True, slots=True)
class Cluster:
    """`url` is HAProxy's, as `stats_url` is."""

    url: str
    stats_url: str
    settings: Settings
    stores: Deployed
    balancer: Child
    apis: Sequence[Api]
    workers: Sequence[Child]

    async def until_balanced(self) -> None:
        """Returns when HAProxy gives requests to all API processes."""
        await until(self._is_balanced, within=_START_SECONDS)

    async def _is_balanced(self) -> bool:
        try:
            async with httpx.AsyncClient() as http:
                told = (await http.get(f"{self.stats_url}/;csv", timeout=2.0)).text
        except httpx.HTTPError:
            return False
        rows = csv.DictReader(told.removeprefix("# ").splitlines())
        up = {row["svname"] for row in rows if row["pxname"] == "api" and row["status"].startswith("UP")}
        return up >= {api.name for api in self.apis}


@asynccontextmanager
async def running_cluster(
    *, replicas: int = 1, apis: int = APIS, workers: int = WORKERS, **more: object
) -> AsyncIterator[Cluster]:
    """With so many replicas of each shard. More settings may be given by name. Raises MissingBalancerError."""
    haproxy = shutil.which("haproxy")
    if haproxy is None:
        raise MissingBalancerError("HAProxy is needed: apt-get install haproxy, or its like.")
    with tempfile.TemporaryDirectory(prefix="rookery-cluster-", ignore_cleanup_errors=True) as name:
        async with AsyncExitStack() as stack:
            stores = await _deployed(stack, Path(name), replicas)
            settings = _settings(stores, more)
            async with open_stores(settings) as opened:
                await make_indexes(opened.mongo)
            cluster = _processes(Path(name), settings, stores, haproxy=haproxy, apis=apis, workers=workers)
            for child in (*cluster.workers, *(api.process for api in cluster.apis), cluster.balancer):
                stack.push_async_callback(child.stop)
                await child.start()
            await cluster.until_balanced()
            yield cluster


async def _deployed(stack: AsyncExitStack, folder: Path, replicas: int) -> Deployed:
    valkey, mongod = find_valkey(), find_mongod()

    def node(name: str, configuration: str, bus_port: int | None) -> Running[RedisNode]:
        return Running(RedisNode(valkey, folder / name, free_port(), configuration, bus_port))

    shards = [
        [node(f"redis-{shard}-{copy}", "redis-cluster.conf", free_port()) for copy in range(replicas + 1)]
        for shard in range(SHARDS)
    ]
    jobs = node("jobs", "redis-jobs.conf", None)
    members = [Running(MongoMember(mongod, folder / f"mongo-{number}", free_port())) for number in range(MEMBERS)]
    everything: list[Running[RedisNode] | Running[MongoMember]] = [
        jobs,
        *members,
        *(one for shard in shards for one in shard),
    ]
    for running in everything:
        stack.push_async_callback(running.stop)
    await asyncio.gather(*[running.start() for running in everything])
    await form_set([member.server for member in members])
    await form_cluster([[one.server for one in shard] for shard in shards])
    return Deployed(shards, jobs, members)


def _settings(stores: Deployed, more: Mapping[str, object]) -> Settings:
    hosts = ",".join(member.server.address for member in stores.mongo)
    given: dict[str, object] = {
        "mongo_url": f"mongodb://{hosts}/{DATABASE}?replicaSet={REPLICA_SET}",
        "redis_url": "redis+cluster://" + ",".join(shard[0].server.address for shard in stores.shards),
        "jobs_url": stores.jobs.server.url,
        "secret_key": SecretStr(secrets.token_urlsafe(32)),
        "rate_limit": Switch.OFF,
        **more,
    }
    return Settings.model_validate(given)


def _processes(folder: Path, settings: Settings, stores: Deployed, *, haproxy: str, apis: int, workers: int) -> Cluster:
    environment, ports = _environment(settings), [free_port() for _ in range(apis)]
    balanced, stats = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    addresses = {f"API_{number}": f"127.0.0.1:{port}" for number, port in enumerate(ports, start=1)}
    placed = {**addresses, "BIND_API": balanced, "BIND_STATS": stats}

    def child(name: str, *command: str) -> Child:
        return Child(*command, environment={**environment, **placed}, log=folder / f"{name}.log")

    serving = (sys.executable, "-m", "uvicorn", "app:app", "--log-level", "warning", "--port")
    return Cluster(
        url=f"http://{balanced}",
        stats_url=f"http://{stats}",
        settings=settings,
        stores=stores,
        balancer=child("haproxy", haproxy, "-db", "-f", str(CONFIGURATION / "haproxy.cfg")),
        apis=[
            Api(f"api-{number}", f"http://127.0.0.1:{port}", child(f"api-{number}", *serving, str(port)))
            for number, port in enumerate(ports, start=1)
        ],
        workers=[child(f"workers-{number}", sys.executable, "-m", "workers") for number in range(1, workers + 1)],
    )


def _environment(settings: Settings) -> dict[str, str]:
    """What the containers' environment file says, and where the stores are."""
    lines = (CONFIGURATION / "rookery.env").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    ours = {
        "ROOKERY_MONGO_URL": settings.mongo_url or "",
        "ROOKERY_REDIS_URL": settings.redis_url or "",
        "ROOKERY_JOBS_URL": settings.jobs_url or "",
        "ROOKERY_SECRET_KEY": settings.secret_key.get_secret_value() if settings.secret_key else "",
        "ROOKERY_RATE_LIMIT": settings.rate_limit.value,
        "ROOKERY_FANOUT_LIMIT": str(settings.fanout_limit),
    }
    return {name: value for name, value in environ.items() if not name.startswith("ROOKERY_")} | given | ours


async def _leader(processes: Sequence[Running[S]], leads: Callable[[S], Awaitable[bool]]) -> Running[S]:
    verdicts = await asyncio.gather(*[leads(process.server) for process in processes])
    for process, is_leader in zip(processes, verdicts, strict=True):
        if is_leader:
            return process
    raise LookupError(f"none of {', '.join(process.server.title for process in processes)} leads at the moment")
