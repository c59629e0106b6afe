"""The embedded stores: real, restarted after a crash, and ended with their parent."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from datastore.__main__ import main
from datastore.embedded.process import StoreProcess, StoreStartError
from datastore.embedded.programs import Program
from datastore.embedded.servers import ValkeyServer
from datastore.embedded.stores import DataInUseError, StoreUrls, embedded_stores, free_port
from tests.datastore.embedded.embedded_run import (
    ROOT,
    START_SECONDS,
    embedded,
    fake_program,
    is_alive,
    mongo_client,
    redis_pid,
    redis_value,
    store_pids,
)
from tests.support.stores import OwnStore
from tests.support.waiting import eventually


async def test_transaction_and_change_stream_work(mongo_url: str) -> None:
    async with mongo_client(mongo_url) as client:
        things = client.get_default_database()["things"]
        async with client.start_session() as session, await session.start_transaction():
            await things.insert_one({"_id": 1}, session=session)
        async with await things.watch() as changes:
            await things.insert_one({"_id": 2})
            change = await changes.next()

        assert (change["operationType"], change["documentKey"]) == ("insert", {"_id": 2})
        assert [thing["_id"] async for thing in things.find(sort=[("_id", 1)])] == [1, 2]


async def test_mongodb_takes_no_zlib_and_listens_on_loopback_alone(mongo_url: str) -> None:
    async with mongo_client(mongo_url) as client:
        hello = await client.admin.command("hello", compression=["zlib", "snappy", "zstd"])
        options = (await client.admin.command("getCmdLineOpts"))["parsed"]["net"]
    assert hello["compression"] == ["snappy", "zstd"]
    assert options["bindIp"] == "127.0.0.1"
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.2", options["port"])


async def test_stream_group_and_lua_work(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as client:
        entry = await client.xadd("jobs", {"tweet": "1"})
        await client.xgroup_create("jobs", "workers", "0")
        await client.xreadgroup("workers", "dead", {"jobs": ">"})
        claimed = await client.xautoclaim("jobs", "workers", "alive", 0)

        assert claimed[1] == [(entry, {b"tweet": b"1"})]
        assert await client.eval("return redis.call('XLEN', KEYS[1]) + tonumber(ARGV[1])", 1, "jobs", "41") == 42


async def test_command_says_ready_last_and_ends_both_stores_on_sigterm(tmp_path: Path) -> None:
    ports = free_port(), free_port()
    async with embedded("--mongo-port", str(ports[0]), "--redis-port", str(ports[1]), "--data", str(tmp_path)) as run:
        assert run.urls == StoreUrls(
            f"mongodb://127.0.0.1:{ports[0]}/rookery?replicaSet=rs0", f"redis://127.0.0.1:{ports[1]}"
        )
        pids = await store_pids(run.urls)
        run.process.send_signal(signal.SIGTERM)

        assert await asyncio.wait_for(run.process.wait(), START_SECONDS) == 0
        assert await run.rest_of_output() == b""
        assert [pid for pid in pids if is_alive(pid)] == []


async def test_ephemeral_stores_leave_no_file(tmp_path: Path) -> None:
    async with embedded("--ephemeral", temporary=tmp_path) as run:
        assert [path.name[:8] for path in tmp_path.iterdir()] == ["rookery-"]
        run.process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(run.process.wait(), START_SECONDS) == 0
    assert list(tmp_path.iterdir()) == []


async def test_stores_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    async with embedded("--ephemeral", temporary=tmp_path) as run:
        pids = await store_pids(run.urls)
        supervisors = [os.getpgid(pid) for pid in pids]
        run.process.kill()
        await run.process.wait()

        await eventually(lambda: not any(is_alive(pid) for pid in [*pids, *supervisors]), within=START_SECONDS)
        await eventually(lambda: not list(tmp_path.iterdir()))


async def test_folder_of_a_killed_parent_can_be_used_at_once(tmp_path: Path) -> None:
    async with embedded("--data", str(tmp_path)) as run:
        async with mongo_client(run.urls.mongo) as client:
            await client.get_default_database()["things"].insert_one({"_id": "kept"})
        run.process.kill()
        await run.process.wait()

        async with embedded_stores(tmp_path) as urls, mongo_client(urls.mongo) as client:
            assert urls.mongo != run.urls.mongo
            assert await client.get_default_database()["things"].count_documents({"_id": "kept"}) == 1


async def test_data_lasts_though_the_ports_change(tmp_path: Path) -> None:
    async with embedded_stores(tmp_path) as first:
        async with mongo_client(first.mongo) as client:
            await client.get_default_database()["things"].insert_one({"_id": "kept"})
        async with Redis.from_url(first.redis) as redis:
            await redis.set("kept", "yes")

    async with embedded_stores(tmp_path) as second:
        assert (second.mongo == first.mongo, second.redis == first.redis) == (False, False)
        async with mongo_client(second.mongo) as client, Redis.from_url(second.redis) as redis:
            assert await client.get_default_database()["things"].find_one() == {"_id": "kept"}
            assert await redis.get("kept") == b"yes"


async def test_second_use_of_a_folder_is_refused(tmp_path: Path) -> None:
    async with embedded_stores(tmp_path):
        with pytest.raises(DataInUseError) as refusal:
            async with embedded_stores(tmp_path):
                pass
    assert str(refusal.value) == f"{tmp_path} is in use by other stores: end what runs them, or choose another folder."


async def test_killed_mongod_comes_back_on_its_port_with_its_data() -> None:
    async with embedded_stores(None) as urls:
        async with mongo_client(urls.mongo) as client:
            await client.get_default_database()["things"].insert_one({"_id": "kept"})
        killed, _ = await store_pids(urls)
        os.kill(killed, signal.SIGKILL)

        await eventually(lambda: not is_alive(killed))
        async with mongo_client(urls.mongo) as client:
            assert await client.get_default_database()["things"].find_one() == {"_id": "kept"}


async def test_killed_valkey_comes_back_on_its_port_with_its_data() -> None:
    async with embedded_stores(None) as urls:
        async with Redis.from_url(urls.redis) as client:
            await client.set("kept", "yes")
        _, killed = await store_pids(urls)
        os.kill(killed, signal.SIGKILL)

        assert await eventually(lambda: redis_value(urls.redis, "kept"), within=START_SECONDS) == b"yes"


async def test_store_is_restarted_after_its_supervisor_is_killed() -> None:
    async with embedded_stores(None) as urls:
        _, pid = await store_pids(urls)
        os.kill(os.getpgid(pid), signal.SIGKILL)

        async def has_new_process() -> bool:
            return await redis_pid(urls.redis) not in {None, pid}

        await eventually(has_new_process, within=START_SECONDS)
        await eventually(lambda: not is_alive(pid))


async def test_nothing_is_started_for_urls_that_are_given(tmp_path: Path) -> None:
    given = StoreUrls("mongodb://elsewhere", "redis://elsewhere")
    async with embedded_stores(tmp_path / "data", mongo_url=given.mongo, redis_url=given.redis) as urls:
        assert urls == given
    assert not (tmp_path / "data").exists()


async def test_only_the_store_without_a_url_is_started(tmp_path: Path) -> None:
    async with embedded_stores(tmp_path, mongo_url="mongodb://elsewhere") as urls:
        assert urls.mongo == "mongodb://elsewhere"
        assert await redis_pid(urls.redis)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["owner.lock", "stores.lock", "valkey"]


async def test_somebody_elses_store_at_the_port_is_left_alone(
    own_valkey: Callable[[], Awaitable[OwnStore]], tmp_path: Path
) -> None:
    theirs = await own_valkey()
    port = int(theirs.url.rpartition(":")[2])
    with pytest.raises(StoreStartError, match=r"Valkey/Redis .* did not start[\s\S]*Address already in use"):
        async with embedded_stores(tmp_path, mongo_url="mongodb://elsewhere", redis_port=port):
            pass
    assert await redis_pid(theirs.url)


async def test_program_that_fails_is_reported_with_its_log(tmp_path: Path) -> None:
    program = Program(fake_program(tmp_path / "valkey-server", "echo 'out of luck'; exit 3"), version="9.1.2")
    server = ValkeyServer(program, tmp_path / "valkey", free_port())
    with pytest.raises(StoreStartError) as failure:
        await StoreProcess(server, is_ephemeral=False).start()
    log = tmp_path / "valkey" / "server.log"
    assert str(failure.value).startswith("Valkey/Redis 9.1.2 did not start (")
    assert str(failure.value).endswith(f"). The end of {log}:\nout of luck\n")


async def test_command_prints_why_a_store_did_not_start_and_fails(tmp_path: Path) -> None:
    fake_program(tmp_path / "bin" / "mongod", "echo 'db version v7.0.14'")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "datastore", "embedded", "--data", str(tmp_path / "data")),
        env={**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    output, errors = await asyncio.wait_for(process.communicate(), START_SECONDS)
    assert (process.returncode, output) == (1, b"")
    assert errors.startswith(b"MongoDB 7.0.14 did not start (")
    assert b"Traceback" not in errors


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_command_refuses_what_is_no_port(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["embedded", f"--mongo-port={port}"])
    assert ended.value.code == 2
    assert f"argument --mongo-port: {port!r} is no port: 1-65535" in capsys.readouterr().err
