"""Hashtag sketches: close to the exact numbers, the same after repeated reads, limited in number."""

import pytest

from core.ids import UserId, wall_ms
from core.trends.scoring import DAY_MS, HOUR_MS
from datastore.redis import keys
from datastore.stores import Stores
from datastore.trends.tag_sketches import MAX_SKETCHED_TAGS
from tests.support.scenarios.hashtags import use_tags

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


async def test_so_many_are_kept_and_who_was_not_asked_for_longest_leaves(opened: Stores) -> None:
    now, (one, other) = wall_ms(), [UserId(opened.ids()) for _ in range(2)]
    await use_tags(opened, [(one, "#old", now - DAY_MS + HOUR_MS), (other, "#old", now)])
    assert await opened.trends.tag_sketches.admit(["old"], now) == ["old"]
    await opened.trends.tag_sketches.catch_up("old", now)
    assert await opened.redis.keys("crowd:*")
    many = [f"tag{number}" for number in range(MAX_SKETCHED_TAGS + 5)]
    assert await opened.trends.tag_sketches.admit(many, now + 1) == many[:MAX_SKETCHED_TAGS]
    assert await opened.redis.keys("crowd:*") == []
    assert await opened.redis.zcard(keys.sketched_tags()) == MAX_SKETCHED_TAGS
