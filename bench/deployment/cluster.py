"""The deployment of docker/compose.cluster.yaml as plain processes on this machine, with the configuration of docker/.

API processes behind HAProxy, workers, a Redis Cluster of three shards, a Redis for jobs and a replica set of three, all
on free loopback ports; they end with the process that started them.
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

import httpx
from pydantic import SecretStr

from bench.deployment.redis_cluster import form_cluster, is_master
from bench.deployment.replica_set import form_replica_set, is_primary
from bench.deployment.store_servers import CONFIGURATION, cluster_node, jobs_redis, replica_set_member
from bench.harness.child_process import ChildProcess
from bench.harness.waiting import until
from core.settings import Settings, Switch
from datastore.admin.indexes import make_indexes
from datastore.embedded.process import StoreProcess
from datastore.embedded.programs import find_mongod, find_valkey
from datastore.embedded.servers import DATABASE, REPLICA_SET, Server
from datastore.embedded.stores import free_port
from datastore.stores import open_stores

SHARDS, APIS, WORKERS, MEMBERS = 3, 3, 2, 3
_START_SECONDS = 180.0


class MissingBalancerError(SystemExit):
    """HAProxy is not on this machine."""


@dataclass(frozen=True, slots=True)
class Api:
    """An API process; `name` is its name in HAProxy's configuration."""

    name: str
    url: str
    process: ChildProcess


@dataclass(frozen=True, slots=True)
class ClusterStores:
    """The stores. The nodes of a shard have no order, because their roles change."""

    shards: Sequence[Sequence[StoreProcess]]
    jobs: StoreProcess
    mongo: Sequence[StoreProcess]

    async def primary(self) -> StoreProcess:
        """Raises LookupError while MongoDB has none."""
        return await _leader(self.mongo, is_primary)

    async def master(self, shard: int) -> StoreProcess:
        """Raises LookupError while the shard has none."""
        return await _leader(self.shards[shard], is_master)

    @property
    def all_redis(self) -> list[StoreProcess]:
        """The nodes of the cluster and the Redis for jobs."""
        return [self.jobs, *(node for shard in self.shards for node in shard)]


@dataclass(frozen=True, slots=True)
class Cluster:
    """`url` and `stats_url` are HAProxy's."""

    url: str
    stats_url: str
    settings: Settings
    stores: ClusterStores
    balancer: ChildProcess
    apis: Sequence[Api]
    workers: Sequence[ChildProcess]

    async def until_balanced(self) -> None:
        """Returns when HAProxy sends requests to all API processes."""
        await until(self._is_balanced, within=_START_SECONDS)

    async def _is_balanced(self) -> bool:
        try:
            async with httpx.AsyncClient() as http:
                statistics = (await http.get(f"{self.stats_url}/;csv", timeout=2.0)).text
        except httpx.HTTPError:
            return False
        rows = csv.DictReader(statistics.removeprefix("# ").splitlines())
        up = {row["svname"] for row in rows if row["pxname"] == "api" and row["status"].startswith("UP")}
        return up >= {api.name for api in self.apis}


@asynccontextmanager
async def running_cluster(
    *, replicas: int = 1, apis: int = APIS, workers: int = WORKERS, **more: object
) -> AsyncIterator[Cluster]:
    """`replicas` counts those of each shard; `more` are settings by name. Raises MissingBalancerError."""
    haproxy = shutil.which("haproxy")
    if haproxy is None:
        raise MissingBalancerError("HAProxy is needed: apt-get install haproxy, or its like.")
    with tempfile.TemporaryDirectory(prefix="rookery-cluster-", ignore_cleanup_errors=True) as name:
        async with AsyncExitStack() as stack:
            stores = await _running_stores(stack, Path(name), replicas)
            settings = _settings(stores, more)
            async with open_stores(settings) as opened:
                await make_indexes(opened.mongo)
            cluster = _processes(Path(name), settings, stores, haproxy=haproxy, apis=apis, workers=workers)
            for child in (*cluster.workers, *(api.process for api in cluster.apis), cluster.balancer):
                stack.push_async_callback(child.stop)
                await child.start()
            await cluster.until_balanced()
            yield cluster


async def _running_stores(stack: AsyncExitStack, folder: Path, replicas: int) -> ClusterStores:
    valkey, mongod = find_valkey(), find_mongod()
    shards = [
        [_process(cluster_node(valkey, folder / f"redis-{shard}-{copy}")) for copy in range(replicas + 1)]
        for shard in range(SHARDS)
    ]
    members = [_process(replica_set_member(mongod, folder / f"mongo-{number}")) for number in range(MEMBERS)]
    stores = ClusterStores(shards, _process(jobs_redis(valkey, folder / "jobs")), members)
    processes = [*stores.all_redis, *members]
    for process in processes:
        stack.push_async_callback(process.stop)
    await asyncio.gather(*[process.start() for process in processes])
    await form_replica_set([member.server.port for member in members])
    await form_cluster([[node.server.port for node in shard] for shard in shards])
    return stores


def _process(server: Server) -> StoreProcess:
    return StoreProcess(server, is_ephemeral=True)


def _settings(stores: ClusterStores, more: Mapping[str, object]) -> Settings:
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


def _processes(
    folder: Path, settings: Settings, stores: ClusterStores, *, haproxy: str, apis: int, workers: int
) -> Cluster:
    environment, ports = _environment(settings), [free_port() for _ in range(apis)]
    inside = [free_port() for _ in range(apis)]
    balanced, stats = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    addresses = {f"API_{number}": f"127.0.0.1:{port}" for number, port in enumerate(ports, start=1)}
    checked = {f"READY_{number}": str(port) for number, port in enumerate(inside, start=1)}
    placed = {**addresses, **checked, "BIND_API": balanced, "BIND_STATS": stats}

    def child(name: str, *command: str, **more: str) -> ChildProcess:
        return ChildProcess(*command, environment={**environment, **placed, **more}, log=folder / f"{name}.log")

    def api(number: int, port: int, inside: int) -> Api:
        process = child(f"api-{number}", *serving, str(port), ROOKERY_OPERATIONS_PORT=str(inside))
        return Api(f"api-{number}", f"http://127.0.0.1:{port}", process)

    serving = (sys.executable, "-m", "uvicorn", "app:app", "--log-level", "warning", "--port")
    return Cluster(
        url=f"http://{balanced}",
        stats_url=f"http://{stats}",
        settings=settings,
        stores=stores,
        balancer=child("haproxy", haproxy, "-db", "-f", str(CONFIGURATION / "haproxy.cfg")),
        apis=[api(number, *pair) for number, pair in enumerate(zip(ports, inside, strict=True), start=1)],
        workers=[child(f"workers-{number}", sys.executable, "-m", "workers") for number in range(1, workers + 1)],
    )


def _environment(settings: Settings) -> dict[str, str]:
    """The variables of the containers' environment file and the addresses of the stores, beside our environment."""
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


async def _leader(processes: Sequence[StoreProcess], leads: Callable[[int], Awaitable[bool]]) -> StoreProcess:
    verdicts = await asyncio.gather(*[leads(process.server.port) for process in processes])
    for process, is_leader in zip(processes, verdicts, strict=True):
        if is_leader:
            return process
    raise LookupError(f"none of {', '.join(process.server.address for process in processes)} leads at the moment")
