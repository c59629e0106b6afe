"""The log of posts: a notification for each, their order, and reads from any entry."""

from redis.asyncio import Redis

from core.ids import TweetId, wall_ms
from datastore.timelines.post_log import PostLog, entry_id_at
from tests.datastore.redis.pubsub.pubsub_backends import assert_message, next_event, open_backend

REDIS = ("server", "cluster")


async def test_each_post_is_notified_and_logged_in_order(redis: Redis, redis_url: str) -> None:
    posts, began = PostLog(redis), entry_id_at(wall_ms() - 60_000)
    assert await posts.after(began, 10) == []
    async with open_backend(redis_url) as backend:
        await backend.subscribe(posts.channel)
        for number in (3, 1, 2):
            await posts.append(TweetId(number))
            assert_message(await next_event(backend), posts.channel, "")
    found = await posts.after(began, 2)
    assert [post.tweet_id for post in found] == [3, 1]
    assert [post.tweet_id for post in await posts.after(found[-1].entry_id, 10)] == [2]
    assert await posts.after(entry_id_at(wall_ms() + 60_000), 10) == []
