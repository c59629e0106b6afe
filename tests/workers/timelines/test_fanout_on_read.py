"""Fan-out of authors over the limit: their audience is who is live, and nobody is left out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from core.ids import UserId, wall_ms
from datastore.jobs.jobs import FanOut
from datastore.redis import keys
from datastore.stores import Stores
from datastore.timelines.live_followers import LiveFollowerStore
from tests.datastore.opened import delete_tweet, follow, is_fanout_on_read, new_tweet, new_user
from tests.workers.conftest import FANOUT_LIMIT
from tests.workers.timelines.readers import homes, new_readers
from workers.timelines.fanout import handle


async def star_with_followers(stores: Stores) -> tuple[UserId, list[UserId]]:
    """An author with one follower above the limit, all with empty lists."""
    star, *fans = await new_readers(stores, "star", *[f"fan{number}" for number in range(FANOUT_LIMIT + 1)])
    for fan in fans:
        await follow(stores, fan, star)
    return star, fans


async def test_an_author_at_the_limit_has_no_audience(opened: Stores) -> None:
    star, *fans = await new_readers(opened, "star", *[f"fan{number}" for number in range(FANOUT_LIMIT)])
    for fan in fans:
        await follow(opened, fan, star)
    tweet = await new_tweet(opened, star)
    await handle(opened, FanOut(tweet.id))
    assert await homes(opened, star, *fans) == [[tweet.id]] * (1 + FANOUT_LIMIT)
    assert not await is_fanout_on_read(opened, star)
    assert await opened.redis.exists(keys.audience(star)) == 0


async def test_the_first_post_over_the_limit_makes_all_followers_the_audience(opened: Stores) -> None:
    star, fans = await star_with_followers(opened)
    assert (await opened.users.viewpoints.get(fans[0])).fanout_on_read == frozenset()
    tweet = await new_tweet(opened, star)
    await handle(opened, FanOut(tweet.id))
    assert await is_fanout_on_read(opened, star)
    assert await homes(opened, star, *fans) == [[tweet.id]] * (1 + len(fans))
    members: Any = await opened.redis.zrange(keys.audience(star), 0, -1)
    assert sorted(map(int, members)) == fans
    assert (await opened.users.viewpoints.get(fans[0])).fanout_on_read == {star}


class MortalLiveFollowers(LiveFollowerStore):
    """A store of a worker that dies after the first page."""

    async def add_all(self, author: UserId, user_ids: Sequence[UserId]) -> None:
        await super().add_all(author, user_ids)
        raise ConnectionAbortedError


def with_live_followers(stores: Stores, live_followers: LiveFollowerStore) -> Stores:
    return replace(stores, timelines=replace(stores.timelines, live_followers=live_followers))


async def test_a_worker_that_died_while_it_made_the_audience_leaves_nobody_out(
    opened: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.timelines.fanout_targets.PAGE_SIZE", 2)
    star, fans = await star_with_followers(opened)
    await opened.users.viewpoints.get(fans[-1])
    tweet = await new_tweet(opened, star)
    with pytest.raises(ConnectionAbortedError):
        await handle(with_live_followers(opened, MortalLiveFollowers(opened.redis, FANOUT_LIMIT)), FanOut(tweet.id))
    assert await opened.redis.zcard(keys.audience(star)) == 2

    await handle(opened, FanOut(tweet.id))

    assert await homes(opened, star, *fans) == [[tweet.id]] * (1 + len(fans))
    assert (await opened.users.viewpoints.get(fans[-1])).fanout_on_read == {star}


async def test_later_posts_reach_the_audience_alone(opened: Stores) -> None:
    star, fans = await star_with_followers(opened)
    first = await new_tweet(opened, star)
    await handle(opened, FanOut(first.id))
    await opened.redis.zrem(keys.audience(star), str(fans[0]))
    await opened.redis.zadd(keys.audience(star), {str(fans[1]): wall_ms() - 1})
    later = await new_tweet(opened, star)
    await handle(opened, FanOut(later.id))
    assert await homes(opened, star, *fans) == [
        [later.id, first.id],
        [first.id],
        [first.id],
        *[[later.id, first.id]] * (len(fans) - 2),
    ]
    assert await opened.redis.zscore(keys.audience(star), str(fans[1])) is None


async def test_a_reply_by_an_author_with_an_audience_reaches_those_of_it_who_follow_both(opened: Stores) -> None:
    star, fans = await star_with_followers(opened)
    alice = await new_user(opened, "alice")
    await follow(opened, fans[0], alice)
    await follow(opened, fans[1], alice)
    await handle(opened, FanOut((await new_tweet(opened, star)).id))
    await opened.redis.zrem(keys.audience(star), str(fans[1]))
    reply = await new_tweet(opened, star, await new_tweet(opened, alice))
    await handle(opened, FanOut(reply.id))
    assert [reply.id in home for home in await homes(opened, *fans)] == [True, *[False] * (len(fans) - 1)]


async def test_a_deletion_by_an_author_with_an_audience_follows_the_ways_of_the_fan_out(opened: Stores) -> None:
    star, fans = await star_with_followers(opened)
    tweet = await new_tweet(opened, star)
    await handle(opened, FanOut(tweet.id))
    await opened.redis.zrem(keys.audience(star), str(fans[0]))
    await handle(opened, await delete_tweet(opened, tweet))
    assert await homes(opened, star, *fans) == [[], [tweet.id], *[[]] * (len(fans) - 1)]
