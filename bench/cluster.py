"""The deployment of docker/compose.cluster.yaml as plain processes of this machine, with the very files of docker/.

Three API processes behind HAProxy, two workers, a Redis Cluster of three shards, a Redis for jobs, a replica set of three.
All of it listens on the loopback, on ports that were free, and ends with the process that started it.
"""

import asyncio
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from os import environ
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from bench.children import Child
from bench.forming import form_cluster, form_set, is_master, is_primary
from bench.nodes import CONFIGURATION, MongoMember, RedisNode
from bench.waiting import until
from core.settings import Settings, Switch
from datastore.embedded import free_port
from datastore.indexes import make_indexes
from datastore.processes import StoreProcess
from datastore.programs import find_mongod, find_valkey
from datastore.servers import DATABASE, REPLICA_SET, Server
from datastore.stores import open_stores

SHARDS, APIS, WORKERS, MEMBERS = 3, 3, 2, 3
_START_SECONDS = 90.0


class MissingBalancerError(SystemExit):
    """HAProxy is not on this machine."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """`url` is HAProxy's. `shards` are nodes in no order: who leads changes."""

    url: str
    settings: Settings
    folder: Path
    balancer: Child
    apis: Sequence[Child]
    workers: Sequence[Child]
    shards: Sequence[Sequence[StoreProcess]]
    jobs: StoreProcess
    mongo: Sequence[StoreProcess]
    api_urls: Sequence[str]

    async def primary(self) -> StoreProcess:
        """Of MongoDB. Raises LookupError while there is none."""
        return await _leader(self.mongo, is_primary)

    async def master(self, shard: int) -> StoreProcess:
        """Raises LookupError while the shard has none."""
        return await _leader(self.shards[shard], is_master)

    @property
    def nodes(self) -> list[StoreProcess]:
        """All of Redis, the jobs' too."""
        return [self.jobs, *(node for shard in self.shards for node in shard)]

    async def until_ready(self) -> None:
        """Until every API process may be given requests."""
        for url in self.api_urls:
            await until(partial(is_ready, url), within=_START_SECONDS)


async def _leader(processes: Sequence[StoreProcess], leads: Callable[[Any], Awaitable[bool]]) -> StoreProcess:
    verdicts = await asyncio.gather(*[leads(process.server) for process in processes])
    for process, is_leader in zip(processes, verdicts, strict=True):
        if is_leader:
            return process
    raise LookupError(f"none of {', '.join(process.server.title for process in processes)} leads at the moment")


async def is_ready(url: str) -> bool:
    try:
        async with httpx.AsyncClient() as http:
            return (await http.get(f"{url}/readyz", timeout=2.0)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@asynccontextmanager
async def running_cluster(*, replicas: int = 1, **more: object) -> AsyncIterator[Cluster]:
    """With so many replicas of each shard. More settings may be given by name. Raises MissingBalancerError."""
    haproxy = shutil.which("haproxy")
    if haproxy is None:
        raise MissingBalancerError("HAProxy is needed: apt-get install haproxy, or its like.")
    with tempfile.TemporaryDirectory(prefix="rookery-cluster-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        async with AsyncExitStack() as stack:
            shards, jobs, mongo = await _stores(stack, folder, replicas)
            settings = _settings(jobs, mongo, more)
            async with open_stores(settings) as stores:
                await make_indexes(stores.mongo)
            cluster = _processes(folder, settings, haproxy, (shards, jobs, mongo))
            for child in (*cluster.workers, *cluster.apis, cluster.balancer):
                stack.push_async_callback(child.stop)
                await child.start()
            await cluster.until_ready()
            await until(partial(is_ready, cluster.url), within=_START_SECONDS)
            yield cluster


_Stores = tuple[list[list[StoreProcess]], StoreProcess, list[StoreProcess]]


async def _stores(stack: AsyncExitStack, folder: Path, replicas: int) -> _Stores:
    """Shards, the jobs' Redis, members of the set; running and joined."""
    valkey, mongod = find_valkey(), find_mongod()

    def node(name: str, configuration: str, bus_port: int | None) -> RedisNode:
        return RedisNode(valkey, folder / name, free_port(), configuration, bus_port)

    shards = [
        [node(f"redis-{shard}-{copy}", "redis-cluster.conf", free_port()) for copy in range(replicas + 1)]
        for shard in range(SHARDS)
    ]
    jobs = node("jobs", "redis-jobs.conf", None)
    members = [MongoMember(mongod, folder / f"mongo-{number}", free_port()) for number in range(MEMBERS)]
    servers: list[Server] = [jobs, *members, *(server for shard in shards for server in shard)]
    started = dict(zip((server.port for server in servers), await _started(stack, servers), strict=True))
    await form_set(members)
    await form_cluster(shards)
    return (
        [[started[server.port] for server in shard] for shard in shards],
        started[jobs.port],
        [started[member.port] for member in members],
    )


async def _started(stack: AsyncExitStack, servers: Sequence[Server]) -> list[StoreProcess]:
    processes = [StoreProcess(server, is_ephemeral=True) for server in servers]
    for process in processes:
        stack.push_async_callback(process.stop)
    await asyncio.gather(*[process.start() for process in processes])
    return processes


def _settings(jobs: StoreProcess, mongo: Sequence[StoreProcess], more: Mapping[str, object]) -> Settings:
    hosts = ",".join(f"127.0.0.1:{member.server.port}" for member in mongo)
    given: dict[str, object] = {
        "mongo_url": f"mongodb://{hosts}/{DATABASE}?replicaSet={REPLICA_SET}",
        "redis_url": jobs.server.url,
        "secret_key": SecretStr(secrets.token_urlsafe(32)),
        "rate_limit": Switch.OFF,
        **more,
    }
    return Settings.model_validate(given)


def _processes(folder: Path, settings: Settings, haproxy: str, stores: _Stores) -> Cluster:
    shards, jobs, mongo = stores
    ports, balanced, stats = [free_port() for _ in range(APIS)], free_port(), free_port()
    environment = _environment(settings)
    addresses = {f"API_{number}": f"127.0.0.1:{port}" for number, port in enumerate(ports, start=1)}
    binds = {"BIND_API": f"127.0.0.1:{balanced}", "BIND_STATS": f"127.0.0.1:{stats}"}
    balancing = ("-db", "-f", str(CONFIGURATION / "haproxy.cfg"))
    serving = ("-m", "uvicorn", "app:app", "--log-level", "warning", "--port")
    return Cluster(
        url=f"http://127.0.0.1:{balanced}",
        settings=settings,
        folder=folder,
        balancer=Child(
            haproxy, *balancing, environment={**environment, **addresses, **binds}, log=folder / "haproxy.log"
        ),
        apis=[
            Child(sys.executable, *serving, str(port), environment=environment, log=folder / f"api-{number}.log")
            for number, port in enumerate(ports, start=1)
        ],
        workers=[
            Child(sys.executable, "-m", "workers", environment=environment, log=folder / f"workers-{number}.log")
            for number in range(1, WORKERS + 1)
        ],
        shards=shards,
        jobs=jobs,
        mongo=mongo,
        api_urls=[f"http://127.0.0.1:{port}" for port in ports],
    )


def _environment(settings: Settings) -> dict[str, str]:
    """What the container's environment file says, and where the stores are."""
    lines = (CONFIGURATION / "rookery.env").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    ours = {
        "ROOKERY_MONGO_URL": settings.mongo_url or "",
        "ROOKERY_REDIS_URL": settings.redis_url or "",
        "ROOKERY_SECRET_KEY": settings.secret_key.get_secret_value() if settings.secret_key else "",
        "ROOKERY_RATE_LIMIT": settings.rate_limit.value,
        "ROOKERY_FANOUT_LIMIT": str(settings.fanout_limit),
    }
    return {name: value for name, value in environ.items() if not name.startswith("ROOKERY_")} | given | ours
