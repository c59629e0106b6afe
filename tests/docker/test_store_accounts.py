"""The stores as docker/ starts them: accounts that suffice and no more, and memory whose eviction loses nothing."""

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from core.ids import UserId
from core.settings import Settings
from datastore.admin.backfill import prepare
from datastore.admin.backup.backup import Pictured, back_up
from datastore.admin.backup.restore import restore
from datastore.admin.backup.source import opened
from datastore.embedded.programs import find_mongod, find_valkey
from datastore.embedded.stores import free_port
from datastore.media.storage import MediaStorage
from datastore.redis import keys
from datastore.redis.client import open_redis
from datastore.stores import open_stores
from schema.values.nodes import NodeType, decode_id
from tests.docker.files import DOCKER
from tests.support.people import FOLLOW, HOME, Person, sign_up
from tests.support.service import running_service, settings_for
from tests.support.waiting import eventually

ADMIN, OURS = "adminpassword", "ourpassword"
FILLER = b"x" * 100_000
ROOM = 1_000_000


class StoresOfDocker:
    """Stores that were started by the scripts of docker/; `jobs` and `timelines` are ports of Redis."""

    def __init__(self, mongo: int, timelines: int, jobs: int) -> None:
        self.mongo, self.timelines, self.jobs = mongo, timelines, jobs

    @property
    def settings(self) -> Settings:
        mongo = f"mongodb://rookery:{OURS}@127.0.0.1:{self.mongo}/rookery?replicaSet=rs0&authSource=admin"
        timelines, jobs = (f"redis://rookery:{OURS}@127.0.0.1:{port}" for port in (self.timelines, self.jobs))
        return settings_for(f"{mongo}&serverMonitoringMode=poll", timelines, jobs_url=jobs)

    def admin_of(self, port: int) -> Redis:
        return Redis(port=port, username="admin", password=ADMIN)


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[StoresOfDocker]:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "docker-entrypoint.sh").write_text('#!/bin/sh\nexec "$@"\n')
    (programs / "docker-entrypoint.sh").chmod(0o700)
    (programs / "redis-server").symlink_to(find_valkey().path)
    (programs / "mongod").symlink_to(find_mongod().path)
    ports = StoresOfDocker(free_port(), free_port(), free_port())
    loopback = ("--bind_ip", "127.0.0.1", "--nounixsocket", "--port", str(ports.mongo), "--quiet")
    mongod = ("mongod", "--config", str(DOCKER / "mongo" / "mongod.conf"), "--replSet", "rs0", *loopback)
    async with (
        started(tmp_path, "mongo", *mongod, "--dbpath", str(tmp_path / "mongo")),
        started(tmp_path, "redis", str(DOCKER / "redis" / "timelines.conf"), "--port", str(ports.timelines)),
        started(tmp_path, "redis", str(DOCKER / "redis" / "jobs.conf"), "--port", str(ports.jobs), named="jobs"),
    ):
        await make_accounts(ports.mongo)
        for port in (ports.timelines, ports.jobs):
            await eventually(partial(answers, ports, port), within=20.0)
        yield ports


@asynccontextmanager
async def started(folder: Path, kind: str, *words: str, named: str = "") -> AsyncIterator[None]:
    """A store by docker/KIND/start.sh, in a folder of its own, which has its accounts too."""
    own = folder / (named or kind)
    own.mkdir()
    environment = {
        "PATH": f"{folder / 'programs'}:{os.environ['PATH']}",
        "ACCOUNTS_FOLDER": str(own),
        "MONGO_KEY": "anykey",
        "REDIS_PASSWORD": OURS,
        "REDIS_ADMIN_PASSWORD": ADMIN,
    }
    process = await asyncio.create_subprocess_exec(
        *("/bin/sh", str(DOCKER / kind / "start.sh"), *words), cwd=own, env=environment, stdout=DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def answers(stores: StoresOfDocker, port: int) -> bool:
    async with stores.admin_of(port) as redis:
        try:
            return bool(await redis.ping())
        except RedisError:
            return False


async def make_accounts(port: int) -> None:
    """The steps of docker/mongo/member.js, by a connection from the same machine."""
    roles = json.loads((DOCKER / "mongo" / "accounts.json").read_text())["rookery"]
    url = f"mongodb://127.0.0.1:{port}/?directConnection=true&serverMonitoringMode=poll"

    async def is_primary(client: AsyncMongoClient[dict[str, object]]) -> bool:
        hello = await client.admin.command("hello")
        if "setName" not in hello:
            members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
            await client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
        return bool(hello["isWritablePrimary"])

    async with AsyncMongoClient[dict[str, object]](url, serverSelectionTimeoutMS=20_000) as client:
        await eventually(lambda: is_primary(client), within=30.0)
        await client.admin.command("createUser", "root", pwd=ADMIN, roles=["root"])
    async with AsyncMongoClient[dict[str, object]](url, username="root", password=ADMIN) as client:
        await client.admin.command("createUser", "rookery", pwd=OURS, roles=roles)


async def test_accounts_suffice_for_the_service_and_nobody_else_has_any(stores: StoresOfDocker, tmp_path: Path) -> None:
    async with open_stores(stores.settings) as opened:
        await prepare(opened.mongo)
    async with running_service(stores.settings) as service:
        alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
        await alice.act(FOLLOW, id=bob.id)
        posted = [await bob.post(f"number {number}") for number in range(3)]
        await service.settle()
        assert await home_of(alice) == posted[::-1]
        await evict_timelines(stores, decode_id(alice.id, NodeType.USER))
        assert await home_of(alice) == posted[::-1]
        async with stores.admin_of(stores.timelines) as redis:
            assert await redis.acl_log() == []
    await back_up_and_restore(stores, tmp_path)
    for port in (stores.timelines, stores.jobs):
        async with stores.admin_of(port) as redis:
            assert await redis.acl_log() == []
    await nobody_is_let_in(stores)


async def back_up_and_restore(stores: StoresOfDocker, folder: Path) -> None:
    """By the accounts of the service."""
    settings, storage = stores.settings, MediaStorage((folder / "media").as_uri())
    async with (
        opened(settings.mongo_url or "") as source,
        open_redis(settings.redis_url or "") as timelines,
        open_redis(settings.jobs_url or "") as jobs,
    ):
        pictured = Pictured(storage, "", is_copied=True)
        for _ in range(2):
            await back_up(source, pictured, folder / "backup", lambda _: None)
        before = (await source.database.command("dbHash"))["collections"]
        for name in before:
            await source.database[name].drop()
        await restore(source, storage, [timelines, jobs], folder / "backup", lambda _: None)
        after = (await source.database.command("dbHash"))["collections"]
        assert before.items() - after.items() == {("backups", before["backups"])}
        assert await timelines.dbsize() == await jobs.dbsize() == 0


async def home_of(person: Person) -> list[str]:
    page = (await person.ask(HOME, first=20))["homeTimeline"]
    return [edge["node"]["id"] for edge in page["edges"]]


async def evict_timelines(stores: StoresOfDocker, person: int) -> None:
    """Fills the memory until the home list of a person is gone, who was away for a day."""
    numbers, home = count(), keys.home(UserId(person))

    async def is_gone() -> bool:
        await redis.set(f"filler:{next(numbers)}", FILLER, px=10**9)
        return not await redis.exists(home)

    async with stores.admin_of(stores.timelines) as redis:
        assert (await redis.config_get("maxmemory-policy"))["maxmemory-policy"] == "volatile-lru"
        kept = await redis.dump(home)
        assert kept is not None
        await redis.restore(home, await redis.pttl(home), kept, replace=True, idletime=86_400)
        await redis.config_set("maxmemory-samples", 64)  # all keys, as of millions it would be the oldest of many
        used = (await redis.info("memory"))["used_memory"]
        await redis.config_set("maxmemory", used + ROOM)
        await eventually(is_gone, within=20.0)


async def nobody_is_let_in(stores: StoresOfDocker) -> None:
    for port in (stores.timelines, stores.jobs):
        async with Redis(port=port) as stranger:
            with pytest.raises(AuthenticationError):
                await stranger.get("home:1")
        async with Redis(port=port, username="rookery", password=OURS) as ours:
            for words in (("FLUSHALL",), ("CONFIG", "GET", "*"), ("ACL", "LIST"), ("SHUTDOWN",), ("KEYS", "*")):
                with pytest.raises(NoPermissionError):
                    await ours.execute_command(*words)  # type: ignore[no-untyped-call]
    url = f"127.0.0.1:{stores.mongo}/?directConnection=true&serverMonitoringMode=poll"
    async with AsyncMongoClient[dict[str, object]](f"mongodb://{url}") as stranger:
        with pytest.raises(OperationFailure):
            await stranger.rookery.users.find_one()
    async with AsyncMongoClient[dict[str, object]](f"mongodb://rookery:{OURS}@{url}&authSource=admin") as ours:
        assert await ours.rookery.users.count_documents({}) == 2
        for database in (ours.admin, ours.other):
            with pytest.raises(PyMongoError):
                await database["system.users"].find_one()


async def test_jobs_are_refused_rather_than_evicted(stores: StoresOfDocker) -> None:
    async with stores.admin_of(stores.jobs) as redis:
        await redis.xadd("jobs:{fanout}", {"job": b"1"})
        await redis.config_set("maxmemory", 1)
        with pytest.raises(RedisError):
            await redis.set("filler", FILLER)
        assert await redis.xlen("jobs:{fanout}") == 1
