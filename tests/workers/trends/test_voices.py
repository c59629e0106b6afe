"""Trends can't be bought: accounts count by age, verification and range of addresses."""

from collections.abc import AsyncIterator

import pytest

from core.ids import UserId, wall_ms
from core.settings import Settings
from datastore.redis import trend_keys
from datastore.stores import Stores, open_stores
from tests.support.scenarios.accounts import new_accounts
from tests.support.scenarios.timelines.hashtags import MINUTE_MS, use_tags
from tests.workers.conftest import emptied
from workers.trends.trends import TrendsWorker


@pytest.fixture
async def gated(workers_database: str, redis_url: str) -> AsyncIterator[Stores]:
    async with open_stores(Settings(mongo_url=workers_database, redis_url=redis_url)) as stores:
        await emptied(stores)
        yield stores


async def say(stores: Stores, people: list[UserId], text: str, *, minutes_ago: float = 1) -> None:
    at = wall_ms() - int(minutes_ago * MINUTE_MS)
    await use_tags(stores, [(person, text, at + number % 1000) for number, person in enumerate(people)])


async def trending(stores: Stores) -> dict[str, tuple[str, float, int, int]]:
    """Name, score, tweets and accounts of each hashtag in the snapshot of a new worker."""
    await stores.redis.delete(trend_keys.trends_lease())
    assert await TrendsWorker(stores.trends, stores.users.accounts).publish_snapshot()
    found = (await stores.trends.snapshots.latest()).trends
    return {trend.tag: (trend.name, trend.score, trend.tweets, trend.accounts) for trend in found}


async def test_accounts_of_one_range_are_one_voice_and_young_ones_none(gated: Stores) -> None:
    elders = await new_accounts(gated, [f"198.51.{number}.0/24" for number in range(6)], hours_old=48)
    neighbours = await new_accounts(gated, ["203.0.113.0/24"] * 30 + ["2001:db8:1::/48"] * 30, hours_old=48)
    young = await new_accounts(gated, [None] * 30, hours_old=0.9)
    await say(gated, young, "#young")
    await say(gated, neighbours, "#bought")
    await say(gated, [*elders[:4], *neighbours], "#mixed")
    await say(gated, elders, "#free")
    assert await trending(gated) == {"free": ("free", 25, 6, 6), "mixed": ("mixed", 25, 64, 6)}


async def test_what_was_said_too_young_does_not_count_later(gated: Stores) -> None:
    people = await new_accounts(gated, [None] * 8, hours_old=3)
    await say(gated, people, "#then", minutes_ago=150)
    await say(gated, people, "#later", minutes_ago=100)
    assert list(await trending(gated)) == ["later"]


async def test_flood_of_a_thousand_sign_ups_changes_no_trend(gated: Stores) -> None:
    """Half of the flood waited for two days in one range, half is new and comes from everywhere."""
    elders = await new_accounts(gated, [None] * 7, hours_old=48)
    await say(gated, elders, "#Rooks")
    await say(gated, elders[:5], "#chess")
    before = await trending(gated)
    assert list(before) == ["rooks", "chess"]
    waited = await new_accounts(gated, ["203.0.113.0/24"] * 500, hours_old=48)
    fresh = await new_accounts(gated, [f"198.51.{number % 250}.0/24" for number in range(500)], hours_old=0.1)
    for text in ("#bought", "#ROOKS #rOOks"):
        await say(gated, fresh, text)
    await say(gated, waited, "#bought #cheap")
    assert await trending(gated) == before


async def test_sketches_count_the_same_voices(gated: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.trends.trends.MAX_USES", 100)
    elders = await new_accounts(gated, [None] * 40, hours_old=48)
    neighbours = await new_accounts(gated, ["203.0.113.0/24"] * 40, hours_old=48)
    young = await new_accounts(gated, [None] * 40, hours_old=0.5)
    for minutes_ago in (1, 10):
        await say(gated, [*young, *neighbours, *elders], "#rooks", minutes_ago=minutes_ago)
    _, _, _, accounts = (await trending(gated))["rooks"]
    assert accounts == pytest.approx(41, abs=1)
