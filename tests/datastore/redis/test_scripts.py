"""Lua scripts: loading, keys of several slots, and replies that are parsed when awaited."""

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from core.errors import UnavailableError
from datastore.embedded.stores import free_port
from datastore.redis.client import open_redis
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.cluster.slots import group_by_slot
from datastore.redis.node.pipeline import CommandPipeline, open_node_pipeline
from datastore.redis.scripts import ParsedReply, PipelinedScript, Script

REDIS = ("server", "cluster")


async def flush_scripts(redis: Redis) -> None:
    if isinstance(redis, ClusterRedis):
        await redis.execute_on_masters("SCRIPT FLUSH")
    else:
        await redis.script_flush()


async def test_script_is_loaded_again_if_the_server_does_not_have_it(pipeline: CommandPipeline, redis: Redis) -> None:
    script = PipelinedScript(pipeline, "rate_spend")
    await flush_scripts(redis)
    assert (await script(["rate:a"], 1, 60))[0] == 1
    assert (await script(["rate:a"], 1, 60))[0] == 1


async def test_script_of_a_client_is_loaded_again_if_the_server_does_not_have_it(redis: Redis) -> None:
    take = Script(redis, "lease_take")
    await flush_scripts(redis)
    replies = [await take(["lease"], token, 60_000) for token in ("one", "one", "other")]
    assert replies == [2, 1, 0]


async def test_error_of_a_script_is_raised(redis: Redis, pipeline: CommandPipeline) -> None:
    await redis.set("lease", "token")
    await redis.rpush("list", "token")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await Script(redis, "lease_take")(["list"], "token", 60_000)
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await PipelinedScript(pipeline, "lease_take")(["list"], "token", 60_000)


async def test_keys_of_all_slots_are_passed_in_calls_by_slot(redis_kind: str, pipeline: CommandPipeline) -> None:
    done = PipelinedScript(pipeline, "jobs_done")
    names = [f"queue{number}" for number in range(50)]
    replies = [await done.for_each_slot(names, "group", "1-0") for _ in range(2)]
    calls = len(group_by_slot(names)) if redis_kind == "cluster" else 1
    assert replies == [[1] * calls] * 2


async def test_siblings_are_declared_in_a_cluster_alone(redis_kind: str, pipeline: CommandPipeline) -> None:
    seen: list[str] = []

    def siblings(key: str) -> list[str]:
        seen.append(key)
        return [f"{key}:other"]

    await PipelinedScript(pipeline, "lease_take", siblings=siblings)(["{lease}"], "token", 60_000)
    assert seen == (["{lease}"] if redis_kind == "cluster" else [])


async def test_reply_is_parsed_once_it_is_awaited(pipeline: CommandPipeline) -> None:
    reply = ParsedReply(
        PipelinedScript(pipeline, "lease_take")(["lease"], "token", 60_000), lambda raw: f"taken: {raw}"
    )
    assert await reply == "taken: 2"


async def test_scripts_are_unavailable_without_redis() -> None:
    away = f"redis://127.0.0.1:{free_port()}"
    async with open_redis(away) as redis, open_node_pipeline(away) as pipeline:
        pipelined = PipelinedScript(pipeline, "lease_take")
        for reply in (Script(redis, "lease_take")(["a"], "token", 1), pipelined(["a"], "token", 1)):
            with pytest.raises(UnavailableError):
                await reply
        with pytest.raises(UnavailableError):
            await pipelined.for_each_slot(["a"], "token", 1)
