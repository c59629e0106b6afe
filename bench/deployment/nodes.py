"""The servers of a cluster on this machine, each with the configuration file that docker/ gives it there."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pymongo import AsyncMongoClient
from redis.asyncio import Redis

from datastore.embedded.process import StoreProcess
from datastore.embedded.programs import Program
from datastore.embedded.servers import REPLICA_SET, mongo_at, pid_of_mongo, pid_of_redis, redis_at

CONFIGURATION = Path(__file__).resolve().parents[2] / "docker"


@dataclass(frozen=True, slots=True)
class RedisNode:
    """`bus_port` is None for a server that belongs to no cluster."""

    program: Program
    folder: Path
    port: int
    configuration: str
    bus_port: int | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"redis://{self.address}"

    @property
    def title(self) -> str:
        return f"Redis at {self.address}"

    @property
    def command(self) -> list[str]:
        network = ["--bind", "127.0.0.1", "--port", str(self.port)]
        bus = [] if self.bus_port is None else ["--cluster-port", str(self.bus_port)]
        return [self.program.path, str(CONFIGURATION / self.configuration), *network, *bus, "--dir", str(self.folder)]

    async def answering_pid(self) -> int:
        return await pid_of_redis(self.port)

    async def make_ready(self) -> bool:
        return True

    def connected(self) -> Redis:
        return redis_at(self.port)


@dataclass(frozen=True, slots=True)
class MongoMember:
    """A member of the set, which somebody else initiates."""

    program: Program
    folder: Path
    port: int

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"mongodb://{self.address}/?directConnection=true"

    @property
    def title(self) -> str:
        return f"MongoDB at {self.address}"

    @property
    def command(self) -> list[str]:
        configuration = ["--config", str(CONFIGURATION / "mongo" / "mongod.conf"), "--replSet", REPLICA_SET, "--quiet"]
        network = ["--bind_ip", "127.0.0.1", "--port", str(self.port), "--nounixsocket"]
        return [self.program.path, *configuration, *network, "--dbpath", str(self.folder)]

    async def answering_pid(self) -> int:
        return await pid_of_mongo(self.port)

    async def make_ready(self) -> bool:
        return True

    def connected(self) -> AsyncMongoClient[dict[str, Any]]:
        return mongo_at(self.port)


S = TypeVar("S", bound=RedisNode | MongoMember)


class Running(Generic[S]):
    """A server, and the process that runs it with the same port and folder each time."""

    def __init__(self, server: S) -> None:
        self.server: S = server
        self._process = StoreProcess(server, is_ephemeral=True)

    async def start(self) -> None:
        """Returns when it answers. Raises StoreStartError."""
        await self._process.start()

    async def kill(self) -> None:
        """Ends it as a crash would; returns when it is gone, with what it had written kept."""
        await self._process.kill()

    def send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, number)

    async def end(self) -> None:
        """By SIGTERM; returns when it is gone, with what it had written kept."""
        self.send(signal.SIGTERM)
        await self._process.wait()

    async def stop(self) -> None:
        """For good, with all that it kept."""
        await self._process.stop()
