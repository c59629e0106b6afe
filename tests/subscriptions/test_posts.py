"""The log of posts rings for each, keeps their order, and is read on from any place."""

from redis.asyncio import Redis

from core.ids import TweetId, wall_ms
from datastore.timelines.post_log import PostLog, place_at
from subscriptions.broadcast import ResilientBroadcast
from tests.subscriptions.broadcasts import messages_of


async def test_each_post_rings_and_stands_in_the_log_in_order(redis: Redis, broadcast: ResilientBroadcast) -> None:
    posts, began = PostLog(redis), place_at(wall_ms() - 60_000)
    assert await posts.after(began, 10) == []
    async with broadcast.subscribe(posts.bell) as bell:
        for number in (3, 1, 2):
            await posts.append(TweetId(number))
        await messages_of(bell, 3)
    found = await posts.after(began, 2)
    assert [post.tweet_id for post in found] == [3, 1]
    assert [post.tweet_id for post in await posts.after(found[-1].place, 10)] == [2]
    assert await posts.after(place_at(wall_ms() + 60_000), 10) == []
