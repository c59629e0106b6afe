"""Lists that a full Redis may evict: one whose log is read counts as used."""

from redis.asyncio import Redis

from datastore.redis import keys
from datastore.redis.node.pipeline import CommandPipeline
from datastore.timelines.event_log import home_log
from tests.support.scenarios.timelines.home_lists import ALICE, with_empty_lists


async def test_a_log_that_is_read_keeps_its_list_from_being_evicted_as_unused(
    redis: Redis, pipeline: CommandPipeline
) -> None:
    await with_empty_lists(redis, pipeline, 3)
    log, home = home_log(pipeline), keys.home(ALICE)
    kept = await redis.dump(home)
    assert kept is not None
    await redis.restore(home, 60_000, kept, replace=True, idletime=86_400)
    assert await redis.object("IDLETIME", home) >= 86_400
    await log.range(ALICE, await log.position(ALICE), 10)
    assert await redis.object("IDLETIME", home) < 10
