"""Two users with empty home lists, so that pushes to them also go into their event logs."""

from redis.asyncio import Redis

from core.ids import UserId
from datastore.redis.node.pipeline import CommandPipeline
from datastore.timelines.home import HomeTimelineStore

ALICE, BOB = UserId(1 << 60), UserId((1 << 60) + 1)
FIRST = (1 << 60) + 100
"""The id of the oldest pushed item."""


async def with_empty_lists(redis: Redis, pipeline: CommandPipeline, length: int) -> HomeTimelineStore:
    store = HomeTimelineStore(redis, pipeline, length)
    for user_id in (ALICE, BOB):
        assert await store.begin_build(user_id, "token")
        assert await store.commit_build(user_id, "token", [], complete=True)
    return store
