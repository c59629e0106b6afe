"""The two servers that can be run from here: how each is started, and when it is ready to be used."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from datastore.embedded.programs import Program

_ANSWER_SECONDS = 5.0
REPLICA_SET = "rs0"
LONGEST_TRANSACTION_SECONDS = 2
"""Ours take milliseconds. One whose process was killed holds its documents for so long: less than others wait."""
DATABASE = "rookery"
NOT_YET_INITIALIZED = 94


class Server(Protocol):
    """A store on a loopback port that keeps everything, its log too, in `folder`."""

    @property
    def folder(self) -> Path: ...
    @property
    def port(self) -> int: ...
    @property
    def url(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def command(self) -> list[str]: ...

    async def answering_pid(self) -> int:
        """The id of the process that answers at the port, which may be somebody else's."""

    async def make_ready(self) -> bool:
        """Does what is left to do, and says whether the store can be used now. Safe to repeat."""


@dataclass(frozen=True, slots=True)
class MongoServer:
    """A replica set of one, because transactions and change streams need a set."""

    program: Program
    folder: Path
    port: int

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"mongodb://{self.address}/{DATABASE}?replicaSet={REPLICA_SET}"

    @property
    def title(self) -> str:
        return f"MongoDB {self.program.version}"

    @property
    def command(self) -> list[str]:
        network = ["--bind_ip", "127.0.0.1", "--port", str(self.port), "--nounixsocket", "--replSet", REPLICA_SET]
        # A set of one has nobody to hand over to, so it need not linger for its clients when it is told to end.
        lingering = ["--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"]
        lifetime = ["--setParameter", f"transactionLifetimeLimitSeconds={LONGEST_TRANSACTION_SECONDS}"]
        limits = ["--wiredTigerCacheSizeGB", "0.25", "--quiet"]
        return [self.program.path, "--dbpath", str(self.folder), *network, *lingering, *lifetime, *limits]

    async def answering_pid(self) -> int:
        return await pid_of_mongo(self.port)

    async def make_ready(self) -> bool:
        async with mongo_at(self.port) as client:
            if (await client.admin.command("hello"))["isWritablePrimary"]:
                return True
            await self._join_set(client)
            return False

    async def _join_set(self, client: AsyncMongoClient[dict[str, Any]]) -> None:
        """Initiates the set, or tells a set from an earlier run that its only member has another port now."""
        try:
            config = (await client.admin.command("replSetGetConfig"))["config"]
        except OperationFailure as error:
            if error.code != NOT_YET_INITIALIZED:
                raise
            members = [{"_id": 0, "host": self.address}]
            await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            return
        if config["members"][0]["host"] != self.address:
            config["members"][0]["host"] = self.address
            config["version"] += 1
            await client.admin.command("replSetReconfig", config, force=True)


@dataclass(frozen=True, slots=True)
class ValkeyServer:
    """Keeps an append-only file, so that jobs outlive a restart."""

    program: Program
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def title(self) -> str:
        return f"Valkey/Redis {self.program.version}"

    @property
    def command(self) -> list[str]:
        network = ["--bind", "127.0.0.1", "--port", str(self.port)]
        persistence = ["--dir", str(self.folder), "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]
        return [self.program.path, *network, *persistence]

    async def answering_pid(self) -> int:
        return await pid_of_redis(self.port)

    async def make_ready(self) -> bool:
        async with redis_at(self.port) as client:
            return bool(await client.ping())


@dataclass(frozen=True, slots=True)
class ClusterNodeServer(ValkeyServer):
    """One node of a cluster, which has to be formed once all are there. Keeps nothing on disk but who it is."""

    failover_ms: int = 1_000

    @property
    def command(self) -> list[str]:
        network = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)]
        memory = ["--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"]
        cluster = ["--cluster-enabled", "yes", "--cluster-node-timeout", str(self.failover_ms)]
        # Without a replica in sync a failover waits for nobody.
        return [self.program.path, *network, *memory, *cluster, "--cluster-replica-validity-factor", "0"]


def mongo_at(port: int) -> AsyncMongoClient[dict[str, Any]]:
    """A new client for each look: one from before the set was initiated goes on refusing sessions.

    It polls, because the second monitor of a streaming one, cancelled while it connects, leaves its socket open.
    """
    url = f"mongodb://127.0.0.1:{port}/?directConnection=true&serverMonitoringMode=poll"
    milliseconds = int(_ANSWER_SECONDS * 1000)
    return AsyncMongoClient(url, serverSelectionTimeoutMS=milliseconds, socketTimeoutMS=milliseconds)


async def pid_of_mongo(port: int) -> int:
    async with mongo_at(port) as client:
        return int((await client.admin.command("serverStatus"))["pid"])


def redis_at(port: int) -> Redis:
    once = Retry(NoBackoff(), retries=0)
    return Redis(port=port, socket_connect_timeout=_ANSWER_SECONDS, socket_timeout=_ANSWER_SECONDS, retry=once)


async def pid_of_redis(port: int) -> int:
    async with redis_at(port) as client:
        return int((await client.info("server"))["process_id"])
