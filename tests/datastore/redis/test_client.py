"""The Redis client: several commands in one round trip, failures, and facts about the server."""

from collections.abc import Awaitable, Callable

import pytest
from redis._parsers.base import BaseParser
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from core.errors import UnavailableError
from datastore.redis.client import (
    delete_all,
    failures_as_unavailable,
    has_append_only_file,
    open_redis,
    outcomes,
    run_id,
    send_all,
)
from tests.support.processes.redis_cluster import Cluster
from tests.support.stores import OwnStore

REDIS = ("server", "cluster")
AWAY_REPLIES = (
    "ASK 7 127.0.0.1:1",
    "BUSY Valkey is busy running a script.",
    "CLUSTERDOWN Hash slot not served",
    "CLUSTERDOWN The cluster is down and only accepts read commands",
    "ERR Connection not allowed",
    "ERR Script attempted to access a non local key in a cluster node script: 0f, on @user_script:1.",
    "ERR Script attempted to execute a command while the cluster is down",
    "ERR Script attempted to execute a write command while the cluster is down and readonly",
    "ERR max number of clients + cluster connections reached",
    "ERR max number of clients reached",
    "EXECABORT Transaction discarded because of previous errors.",
    "LOADING Valkey is loading the dataset in memory",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "MISCONF Valkey is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    "MOVED 7 127.0.0.1:1",
    "NOREPLICAS Not enough good replicas to write.",
    "NOSCRIPT No matching script.",
    "OOM command not allowed when used memory > 'maxmemory'.",
    "READONLY Can not run script with write flag on readonly replica",
    "READONLY You can't write against a read only replica.",
    "REDIRECT 127.0.0.1:1",
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
)


async def test_outcomes_are_in_order_errors_among_them(redis: Redis) -> None:
    set_, wrong, got = await outcomes(redis, [("SET", "a", 1), ("LPUSH", "a", 2), ("GET", "a")])
    assert (bool(set_), got) == (True, b"1")
    assert isinstance(wrong, ResponseError)


async def test_send_all_raises_the_first_error_after_all_commands_were_executed(redis: Redis) -> None:
    with pytest.raises(ResponseError, match="wrong kind"):
        await send_all(redis, [("SET", "a", 1), ("LPUSH", "a", 2), ("INCR", "a")])
    assert await redis.get("a") == b"2"


async def test_run_id_changes_with_a_restart(own_valkey: Callable[[], Awaitable[OwnStore]]) -> None:
    store = await own_valkey()
    async with open_redis(store.url) as redis:
        first, same = await run_id(redis), await run_id(redis)
        await store.restart()
        assert (same == first, await run_id(redis) == first) == (True, False)


async def test_append_only_file_is_detected(own_valkey: Callable[[], Awaitable[OwnStore]]) -> None:
    store = await own_valkey()
    async with open_redis(store.url) as redis:
        for setting, expected in (("no", False), ("yes", True)):
            await redis.config_set("appendonly", setting)
            assert await has_append_only_file(redis) is expected


async def test_all_keys_are_deleted_and_counted_on_one_server_and_on_each_master(
    redis: Redis, cluster: Cluster
) -> None:
    async with open_redis(cluster.url) as clustered:
        for client in (redis, clustered):
            await send_all(client, [("SET", f"key:{number}", "x") for number in range(2_500)])
            assert await delete_all(client) == 2_500
            assert [await client.exists(f"key:{number}") for number in (0, 7, 2_499)] == [0, 0, 0]
            assert await delete_all(client) == 0


@pytest.mark.parametrize(
    "failure",
    [RedisConnectionError(), OSError(), TimeoutError(), ResponseError("x", status_code="CLUSTERDOWN")],
    ids=repr,
)
def test_failures_become_unavailable(failure: Exception) -> None:
    with pytest.raises(UnavailableError) as raised, failures_as_unavailable():
        raise failure
    assert raised.value.__cause__ is failure


@pytest.mark.parametrize("reply", AWAY_REPLIES)
def test_each_reply_of_a_server_that_cannot_serve_becomes_unavailable(reply: str) -> None:
    """As the parser of redis-py makes an error of it: its code, then its class."""
    with pytest.raises(UnavailableError), failures_as_unavailable():
        raise BaseParser.parse_error(reply)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    "error",
    [
        ResponseError("syntax error", status_code="ERR"),
        ResponseError("WRONGTYPE of a key"),
        ValueError(),
        AttributeError("no such thing"),
        RuntimeError("ours"),
    ],
    ids=repr,
)
def test_errors_of_wrong_commands_and_of_our_own_pass(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, failures_as_unavailable():
        raise error
    assert raised.value is error
