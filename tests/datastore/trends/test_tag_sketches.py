"""Hashtag sketches: close to the exact numbers, the same after repeated reads, limited in number."""

import pytest

from core.ids import TweetId, UserId, wall_ms
from core.trends.scoring import DAY_MS, HOUR_MS
from datastore.redis import trend_keys
from datastore.stores import Stores
from datastore.trends.tag_sketches import MAX_SKETCHED_TAGS
from tests.support.scenarios.timelines.hashtags import use_tags

TWEETS, ACCOUNTS = 6_000, 2_500


@pytest.fixture
async def now(opened: Stores) -> int:
    """Six thousand tweets by two thousand five hundred accounts within the last two hours."""
    now = wall_ms()
    people = [UserId(opened.ids()) for _ in range(ACCOUNTS)]
    at = [(people[number % ACCOUNTS], "#rook", now - number * 2 * HOUR_MS // TWEETS) for number in range(TWEETS)]
    await use_tags(opened, at)
    return now


async def test_counts_are_within_two_percent_also_after_they_were_lost(opened: Stores, now: int) -> None:
    for _ in range(2):
        for _ in range(2):
            assert await opened.trends.tag_sketches.catch_up("rook", now)
        sketch = await opened.trends.tag_sketches.of_tag("rook", now)
        assert sum(sketch.tweets) == pytest.approx(TWEETS, rel=0.02)
        assert sketch.day == sketch.all_hours == pytest.approx(ACCOUNTS, rel=0.02)
        assert sketch.accounts[-2] == pytest.approx(ACCOUNTS, rel=0.02)
        await opened.redis.flushdb()


async def test_only_what_is_new_is_read(opened: Stores, now: int) -> None:
    await opened.trends.tag_sketches.catch_up("rook", now)
    await opened.mongo.collection("tweets").delete_many({})
    people = [UserId(opened.ids()) for _ in range(100)]
    await use_tags(opened, [(person, "#rook", now + 1) for person in people])
    await opened.trends.tag_sketches.catch_up("rook", now + 1)
    assert (await opened.trends.tag_sketches.of_tag("rook", now + 1)).day == pytest.approx(ACCOUNTS + 100, rel=0.02)


async def test_edits_and_deletions_leave_the_counts_within_two_percent(opened: Stores, now: int) -> None:
    """Tweets of accounts that have no other lose the hashtag, and as many older ones gain it."""
    sketches, tweets = opened.trends.tag_sketches, opened.mongo.collection("tweets")
    people = [UserId(opened.ids()) for _ in range(400)]
    edited = await use_tags(opened, [(person, "#rook", now - HOUR_MS) for person in people])
    others = await use_tags(opened, [(person, "#crow", now - 2 * HOUR_MS) for person in people])
    assert await sketches.admit(["rook"], now) == ["rook"]

    async def counts(of: int) -> None:
        await sketches.catch_up("rook", now)
        found = await sketches.of_tag("rook", now)
        assert sum(found.tweets) == pytest.approx(TWEETS + of, rel=0.02)
        assert found.all_hours == pytest.approx(ACCOUNTS + of, rel=0.02)

    await counts(400)
    await tweets.update_many({"_id": {"$in": edited}}, {"$set": {"tags": ["crow"]}})
    for tweet_id, author in zip(edited, people, strict=True):
        await sketches.changed(tweet_id, author, gained=["crow"], lost=["rook"])
    await counts(0)
    assert not await opened.redis.exists(trend_keys.tag_sketch_lost("rook"), trend_keys.tag_sketch_lost("crow"))
    for tweet_id, author in zip(others, people, strict=True):
        await sketches.changed(tweet_id, author, gained=["rook"], lost=["crow"])
    await counts(400)


async def test_a_few_lost_uses_wait_and_come_back_with_the_hashtag(opened: Stores, now: int) -> None:
    sketches, lost = opened.trends.tag_sketches, trend_keys.tag_sketch_lost("rook")
    await sketches.admit(["rook"], now)
    await sketches.catch_up("rook", now)
    for tweet_id in range(1, 11):
        await sketches.changed(TweetId(tweet_id), UserId(tweet_id), lost=["rook"])
    await sketches.changed(TweetId(1), UserId(1), gained=["rook"])
    await sketches.catch_up("rook", now)
    assert await opened.redis.scard(lost) == 9
    for tweet_id in range(11, 16):
        await sketches.changed(TweetId(tweet_id), UserId(tweet_id), lost=["rook"])
    await sketches.catch_up("rook", now)
    assert await opened.redis.scard(lost) == 0


async def test_so_many_are_kept_and_who_was_not_asked_for_longest_leaves(opened: Stores) -> None:
    now, (one, other) = wall_ms(), [UserId(opened.ids()) for _ in range(2)]
    await use_tags(opened, [(one, "#old", now - DAY_MS + HOUR_MS), (other, "#old", now)])
    assert await opened.trends.tag_sketches.admit(["old"], now) == ["old"]
    await opened.trends.tag_sketches.catch_up("old", now)
    assert await opened.redis.keys("crowd:*")
    many = [f"tag{number}" for number in range(MAX_SKETCHED_TAGS + 5)]
    assert await opened.trends.tag_sketches.admit(many, now + 1) == many[:MAX_SKETCHED_TAGS]
    assert await opened.redis.keys("crowd:*") == []
    assert await opened.redis.zcard(trend_keys.sketched_tags()) == MAX_SKETCHED_TAGS
