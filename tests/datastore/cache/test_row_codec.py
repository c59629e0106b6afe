"""Cached rows that are changed in place: order, repetition, changes older than the row, rows to come."""

import asyncio
from collections.abc import Iterable

import msgspec
import pytest

from core.ids import TweetId, UserId, compose, wall_ms
from datastore.cache.row_codec import NO_ROW, RowChange, RowCodec
from datastore.redis import keys
from datastore.stores import Stores
from datastore.tweets.viewer_state import Interaction
from tests.datastore.opened import new_tweet, new_user, new_users

NOW_MS = wall_ms()


class Numbers(msgspec.Struct, frozen=True, array_like=True):
    kept: frozenset[int] = frozenset()

    def with_changes(self, changes: Iterable[RowChange]) -> "Numbers":
        kept = set(self.kept)
        for change in changes:
            (kept.add if change.kind else kept.discard)(change.value)
        return Numbers(frozenset(kept))


CODEC = RowCodec[Numbers](Numbers)


def act(seconds: float) -> int:
    """Id of an act so long from now."""
    return compose(NOW_MS + int(seconds * 1_000), 1, 0)


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0, 1)])
def test_the_newest_act_decides_in_whatever_order_changes_arrive(order: tuple[int, ...]) -> None:
    changes = [RowChange(1, 7, act(1)), RowChange(0, 7, act(2))]
    raw = CODEC.encode(Numbers(frozenset({5})), NOW_MS) + b"".join(changes[index].encode() for index in order)
    assert CODEC.decode(raw) == Numbers(frozenset({5}))


def test_a_change_that_is_older_than_the_row_is_left_out() -> None:
    raw = CODEC.encode(Numbers(), NOW_MS)
    assert CODEC.decode(raw + RowChange(1, 7, act(-5)).encode()) == Numbers()
    assert CODEC.decode(raw + RowChange(1, 7, act(-1)).encode()) == Numbers(frozenset({7}))


@pytest.mark.parametrize(
    "raw",
    [b"", NO_ROW, NO_ROW + RowChange(1, 7, act(0)).encode(), b"\x93\x01\x02\x03"],
    ids=["nothing", "no row", "changes of no row", "another type"],
)
def test_what_is_no_row_is_none(raw: bytes) -> None:
    assert CODEC.decode(raw) is None


async def test_an_act_is_seen_whether_or_not_its_row_is_cached(opened: Stores) -> None:
    author, fan = await new_users(opened, "author", "fan")
    tweets = [(await new_tweet(opened, author)).id for _ in range(3)]
    states = opened.tweets.viewer_state
    for tweet in tweets[:2]:  # the second one while the row is cached
        await like(opened, fan, tweet)
        assert [one.liked for one in await states.get_many(fan, tweets[:2])] == [True, tweet == tweets[1]]
    assert await opened.redis.strlen(keys.recent_interactions(fan)) > len(NO_ROW)


async def test_a_row_filled_by_a_reader_that_began_before_the_act_has_the_act(opened: Stores) -> None:
    author, fan = await new_users(opened, "author", "fan")
    tweet = (await new_tweet(opened, author)).id
    reads = [opened.tweets.viewer_state.get_many(fan, [tweet]) for _ in range(5)]
    await asyncio.gather(*reads, like(opened, fan, tweet))
    (state,) = await opened.tweets.viewer_state.get_many(fan, [tweet])
    assert state.liked


async def test_a_row_that_was_invalidated_takes_in_no_change(opened: Stores) -> None:
    fan = await new_user(opened, "fan")
    await opened.tweets.viewer_state.invalidate(fan)
    await opened.tweets.viewer_state.interacted(fan, Interaction.LIKE, TweetId(1), opened.ids())
    assert await opened.redis.get(keys.recent_interactions(fan)) == b""


async def like(stores: Stores, fan: UserId, tweet: TweetId) -> None:
    act_id = stores.ids()
    assert await stores.tweets.likes.like(act_id, fan, tweet)
    await stores.tweets.viewer_state.interacted(fan, Interaction.LIKE, tweet, act_id)
