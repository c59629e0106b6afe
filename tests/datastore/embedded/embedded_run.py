"""The embedded stores seen from outside: the command as a child process, and clients of its stores."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from redis.asyncio import Redis
from redis.exceptions import RedisError

from datastore.embedded.stores import StoreUrls

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class EmbeddedRun:
    """The command as a child process that has printed `ready`."""

    process: asyncio.subprocess.Process
    urls: StoreUrls

    async def rest_of_output(self) -> bytes:
        assert self.process.stdout is not None
        return await self.process.stdout.read()


@asynccontextmanager
async def embedded(*arguments: str, temporary: Path | None = None) -> AsyncIterator[EmbeddedRun]:
    environment = {**os.environ, "TMPDIR": str(temporary)} if temporary else None
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "datastore", "embedded", *arguments),
        stdout=asyncio.subprocess.PIPE,
        env=environment,
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            lines = [(await process.stdout.readline()).decode().rstrip() for _ in range(3)]
        assert lines[2] == "ready"
        yield EmbeddedRun(process, StoreUrls(*(line.partition("=")[2] for line in lines[:2])))
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def mongo_client(url: str) -> AsyncMongoClient[dict[str, Any]]:
    milliseconds = int(START_SECONDS * 1000)
    return AsyncMongoClient(url, serverSelectionTimeoutMS=milliseconds, serverMonitoringMode="poll")


async def store_pids(urls: StoreUrls) -> tuple[int, int]:
    async with mongo_client(urls.mongo) as client:
        mongo = int((await client.admin.command("serverStatus"))["pid"])
    redis = await redis_pid(urls.redis)
    assert redis is not None
    return mongo, redis


async def redis_pid(url: str) -> int | None:
    async with Redis.from_url(url, socket_timeout=1) as client:
        try:
            return int((await client.info("server"))["process_id"])
        except RedisError:
            return None


async def redis_value(url: str, key: str) -> bytes | None:
    async with Redis.from_url(url, socket_timeout=0.2) as client:
        try:
            value = await client.get(key)
        except RedisError:
            return None
        assert value is None or isinstance(value, bytes)
        return value


def is_alive(pid: int) -> bool:
    """False for a zombie, which init reaps at any time."""
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat").read_text()
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        # No /proc, as on macOS; or gone since.
        return sys.platform != "linux"
    return status.rpartition(")")[2].split()[0] != "Z"


def fake_program(path: Path, script: str) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)
