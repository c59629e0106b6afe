"""Hashtags of crowds: near the truth, the same however often they are read, and so many at a time."""

import pytest

from core.ids import UserId, wall_ms
from core.trends.scoring import DAY_MS, HOUR_MS
from datastore.redis import keys
from datastore.stores import Stores
from datastore.trends.tag_sketches import MOST_CROWDS
from tests.support.scenes.tagging import use_tags

TWEETS, ACCOUNTS = 6_000, 2_500


@pytest.fixture
async def now(opened: Stores) -> int:
    """Six thousand tweets of two thousand five hundred accounts, within two hours until then."""
    now = wall_ms()
    people = [UserId(opened.ids()) for _ in range(ACCOUNTS)]
    at = [(people[number % ACCOUNTS], "#rook", now - number * 2 * HOUR_MS // TWEETS) for number in range(TWEETS)]
    await use_tags(opened, at)
    return now


async def test_counts_are_within_two_percent_also_after_they_were_lost(opened: Stores, now: int) -> None:
    for _ in range(2):
        for _ in range(2):
            assert await opened.trends.tag_sketches.bring_up_to("rook", now)
        crowd = await opened.trends.tag_sketches.of_tag("rook", now)
        assert sum(crowd.tweets) == pytest.approx(TWEETS, rel=0.02)
        assert crowd.day == crowd.all_hours == pytest.approx(ACCOUNTS, rel=0.02)
        assert crowd.accounts[-2] == pytest.approx(ACCOUNTS, rel=0.02)
        await opened.redis.flushdb()


async def test_only_what_is_new_is_read(opened: Stores, now: int) -> None:
    await opened.trends.tag_sketches.bring_up_to("rook", now)
    await opened.mongo.collection("tweets").delete_many({})
    people = [UserId(opened.ids()) for _ in range(100)]
    await use_tags(opened, [(person, "#rook", now + 1) for person in people])
    await opened.trends.tag_sketches.bring_up_to("rook", now + 1)
    assert (await opened.trends.tag_sketches.of_tag("rook", now + 1)).day == pytest.approx(ACCOUNTS + 100, rel=0.02)


async def test_so_many_are_kept_and_who_was_not_asked_for_longest_leaves(opened: Stores) -> None:
    now, (one, other) = wall_ms(), [UserId(opened.ids()) for _ in range(2)]
    await use_tags(opened, [(one, "#old", now - DAY_MS + HOUR_MS), (other, "#old", now)])
    assert await opened.trends.tag_sketches.admit(["old"], now) == ["old"]
    await opened.trends.tag_sketches.bring_up_to("old", now)
    assert await opened.redis.keys("crowd:*")
    many = [f"tag{number}" for number in range(MOST_CROWDS + 5)]
    assert await opened.trends.tag_sketches.admit(many, now + 1) == many[:MOST_CROWDS]
    assert await opened.redis.keys("crowd:*") == []
    assert await opened.redis.zcard(keys.sketched_tags()) == MOST_CROWDS
