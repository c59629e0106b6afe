"""The command line of each store on a loopback port, and the check that it is ready to be used."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from datastore.embedded.programs import Program

REPLICA_SET = "rs0"
DATABASE = "rookery"
_ANSWER_SECONDS = 5.0
_NOT_YET_INITIALIZED = 94
# Ours take milliseconds. The transaction of a killed process holds its documents for this long, less than others wait.
_LONGEST_TRANSACTION_SECONDS = 2
_SMALL_MONGO = (
    # A set of one hands over to nobody, so it need not linger for its clients when it is told to end.
    *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
    *("--setParameter", f"transactionLifetimeLimitSeconds={_LONGEST_TRANSACTION_SECONDS}"),
    *("--wiredTigerCacheSizeGB", "0.25", "--quiet"),
)
# Decompressing what a client sends as zlib leaks memory of a mongod as old as the packaged one.
_WITHOUT_ZLIB = ("--networkMessageCompressors", "snappy,zstd")
_APPEND_ONLY_FILE = ("--save", "", "--appendonly", "yes", "--appendfsync", "everysec")


class Server(Protocol):
    """A store on a loopback port that keeps its data and its log in `folder`."""

    @property
    def folder(self) -> Path: ...
    @property
    def port(self) -> int: ...
    @property
    def address(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def command(self) -> list[str]: ...

    async def answering_pid(self) -> int:
        """The id of the process that answers at the port, which may be a foreign one."""

    async def make_ready(self) -> bool:
        """Takes the next step of setting up, and returns whether the store can be used. Safe to repeat."""


@dataclass(frozen=True, slots=True)
class MongoServer:
    """One mongod. Alone it makes itself a replica set of one, because transactions and change streams need a set."""

    program: Program
    folder: Path
    port: int
    options: tuple[str, ...] = _SMALL_MONGO
    is_alone: bool = True

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
        return [self.program.path, *self.options, "--dbpath", str(self.folder), *network, *_WITHOUT_ZLIB]

    async def answering_pid(self) -> int:
        return await pid_of_mongo(self.port)

    async def make_ready(self) -> bool:
        if not self.is_alone:
            return True
        async with mongo_at(self.port) as client:
            if (await client.admin.command("hello"))["isWritablePrimary"]:
                return True
            await self._join_set(client)
            return False

    async def _join_set(self, client: AsyncMongoClient[dict[str, Any]]) -> None:
        """Initiates the set, or gives the only member of a set from an earlier run its new port."""
        try:
            config = (await client.admin.command("replSetGetConfig"))["config"]
        except OperationFailure as error:
            if error.code != _NOT_YET_INITIALIZED:
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
    """One Valkey or Redis, by default with an append-only file, so that jobs outlive a restart."""

    program: Program
    folder: Path
    port: int
    options: tuple[str, ...] = _APPEND_ONLY_FILE

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"redis://{self.address}"

    @property
    def title(self) -> str:
        return f"Valkey/Redis {self.program.version}"

    @property
    def command(self) -> list[str]:
        return [
            self.program.path,
            *self.options,
            "--bind",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--dir",
            str(self.folder),
        ]

    async def answering_pid(self) -> int:
        return await pid_of_redis(self.port)

    async def make_ready(self) -> bool:
        async with redis_at(self.port) as client:
            return bool(await client.ping())


def mongo_at(port: int) -> AsyncMongoClient[dict[str, Any]]:
    """A new client for each use: one opened before the set was initiated goes on refusing sessions.

    Its monitor polls: the second monitor of a streaming client, cancelled while it connects, leaves its socket open.
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
