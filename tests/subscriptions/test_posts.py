"""The log of posts: a notification for each, their order, and reads from any entry."""

from redis.asyncio import Redis

from core.ids import TweetId, wall_ms
from datastore.timelines.post_log import PostLog, entry_id_at
from subscriptions.broadcast import ResilientBroadcast
from tests.subscriptions.broadcasts import messages_of


async def test_each_post_is_notified_and_logged_in_order(redis: Redis, broadcast: ResilientBroadcast) -> None:
    posts, began = PostLog(redis), entry_id_at(wall_ms() - 60_000)
    assert await posts.after(began, 10) == []
    async with broadcast.subscribe(posts.channel) as subscription:
        for number in (3, 1, 2):
            await posts.append(TweetId(number))
        await messages_of(subscription, 3)
    found = await posts.after(began, 2)
    assert [post.tweet_id for post in found] == [3, 1]
    assert [post.tweet_id for post in await posts.after(found[-1].entry_id, 10)] == [2]
    assert await posts.after(entry_id_at(wall_ms() + 60_000), 10) == []
