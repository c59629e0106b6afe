"""Accounting of impressions: the charge is the number that counted times the price, never above the budget."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.errors import PyMongoError

from core.auth.tokens import ImpressionClaims
from core.ids import CampaignId, TweetId, UserId
from datastore.admin.indexes import make_indexes
from datastore.ads.campaigns import CampaignRecord, CampaignStatus, CampaignStore
from datastore.ads.impressions import ImpressionStore
from datastore.mongo.client import Mongo, open_mongo

pytestmark = pytest.mark.asyncio

NOW = datetime.now(UTC)
ALICE, BOB = UserId(1), UserId(2)
DAY = timedelta(days=1)


@pytest.fixture
async def mongo(mongo_url: str) -> AsyncIterator[Mongo]:
    async with open_mongo(mongo_url) as mongo:
        await make_indexes(mongo)
        yield mongo


def campaign(number: int, **more: Any) -> CampaignRecord:
    """A campaign with a price of one cent for each impression and a budget of one dollar."""
    wanted: dict[str, Any] = {"bid_cents": 1_000, "budget_cents": 100, "frequency_cap": 100, **more}
    return CampaignRecord(
        id=CampaignId(number),
        advertiser_id=UserId(9),
        tweet_id=TweetId(number),
        starts_at=NOW - DAY,
        ends_at=NOW + DAY,
        hashtags=(),
        tags=frozenset(),
        devices=(),
        is_paused=False,
        left=wanted["budget_cents"] * 1_000,
        **wanted,
    )


def shown(number: int, viewer: UserId, slot: int) -> ImpressionClaims:
    return ImpressionClaims(CampaignId(number), viewer, slot)


async def check_books(mongo: Mongo, campaign_id: int) -> CampaignRecord:
    """Every stored number agrees: what was charged is what was recorded."""
    record = await CampaignStore(mongo).get(CampaignId(campaign_id))
    assert record is not None
    rows = await mongo.collection("impressions").count_documents({"campaign": campaign_id})
    clicks = await mongo.collection("impressions").count_documents({"campaign": campaign_id, "is_clicked": True})
    assert record.spent == rows * record.bid_cents == sum(day.spent for day in record.days)
    assert record.impressions == rows == sum(day.impressions for day in record.days)
    assert record.clicks == clicks == sum(day.clicks for day in record.days)
    assert 0 <= record.spent <= record.budget
    return record


async def test_impression_is_paid_once_however_often_it_is_handed_in(mongo: Mongo) -> None:
    await CampaignStore(mongo).insert(campaign(1))
    impressions = ImpressionStore(mongo)
    one, other = shown(1, ALICE, 1), shown(1, ALICE, 2)
    answers = await asyncio.gather(*[impressions.record(ALICE, [one, one]) for _ in range(8)])
    assert sum(recorded.number for recorded in answers) == 1
    assert (await impressions.record(ALICE, [one, other, other])).number == 1
    assert (await check_books(mongo, 1)).spent == 2_000


async def test_budget_is_spent_to_the_last_impression_that_it_pays_and_no_further(mongo: Mongo) -> None:
    await CampaignStore(mongo).insert(campaign(1, bid_cents=3_000, budget_cents=10))
    stores = [ImpressionStore(mongo), ImpressionStore(Mongo(mongo._client, mongo.name, mongo._driver))]  # noqa: SLF001
    answers = await asyncio.gather(
        *[stores[slot % 2].record(UserId(slot), [shown(1, UserId(slot), slot)]) for slot in range(1, 41)]
    )
    assert sum(recorded.number for recorded in answers) == 3
    record = await check_books(mongo, 1)
    assert (record.left, record.status(NOW)) == (1_000, CampaignStatus.EXHAUSTED)
    assert await CampaignStore(mongo).active(10) == []


async def test_frequency_cap_holds_for_impressions_at_one_moment(mongo: Mongo) -> None:
    await CampaignStore(mongo).insert(campaign(1, frequency_cap=3))
    impressions = ImpressionStore(mongo)
    answers = await asyncio.gather(*[impressions.record(ALICE, [shown(1, ALICE, slot)]) for slot in range(9)])
    assert sum(recorded.number for recorded in answers) == 3
    assert (await impressions.record(BOB, [shown(1, BOB, 20)])).number == 1
    await mongo.collection("impressions").update_many({"viewer": ALICE}, {"$set": {"at": NOW - timedelta(hours=25)}})
    assert (await impressions.record(ALICE, [shown(1, ALICE, 10)])).number == 1
    await check_books(mongo, 1)


async def test_click_counts_once_and_only_after_its_impression(mongo: Mongo) -> None:
    await CampaignStore(mongo).insert(campaign(1))
    impressions, one = ImpressionStore(mongo), shown(1, ALICE, 1)
    assert (await impressions.record_click(one)).number == 0
    await impressions.record(ALICE, [one])
    answers = await asyncio.gather(*[impressions.record_click(one) for _ in range(8)])
    assert sum(recorded.number for recorded in answers) == 1
    assert (await impressions.record_click(shown(1, BOB, 1))).number == 0
    assert (await check_books(mongo, 1)).clicks == 1


async def test_campaign_that_is_gone_counts_nothing(mongo: Mongo) -> None:
    assert (await ImpressionStore(mongo).record(ALICE, [shown(7, ALICE, 1)])).number == 0
    assert await mongo.collection("impressions").count_documents({}) == 0


class DeathError(PyMongoError):
    """The process dies at this step; later steps do not run."""


class Mortal:
    """A collection that fails at the n-th call, before or after executing it."""

    def __init__(self, collection: Any, life: list[int], *, late: bool) -> None:
        self._collection, self._life, self._late = collection, life, late

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._collection, name)
        if name == "find":
            return found

        async def call(*args: Any, **options: Any) -> Any:
            self._life[0] -= 1
            if self._life[0] == 0 and not self._late:
                raise DeathError
            answer = await found(*args, **options)
            if self._life[0] == 0:
                raise DeathError
            return answer

        return call


def mortal_store(mongo: Mongo, life: list[int], *, late: bool) -> ImpressionStore:
    store = ImpressionStore(mongo)
    for name in ("_impressions", "_campaigns"):
        setattr(store, name, Mortal(getattr(store, name), life, late=late))
    return store


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("life", range(1, 9))
async def test_death_between_token_and_payment_leaves_both_or_neither(mongo: Mongo, life: int, late: bool) -> None:
    for number in (1, 2):
        await CampaignStore(mongo).insert(campaign(number))
    given = [shown(1, ALICE, 1), shown(2, ALICE, 2), shown(1, ALICE, 3)]
    dying = mortal_store(mongo, [life], late=late)
    try:
        await dying.record(ALICE, given)
        await dying.record_click(given[0])
    except DeathError:
        pass
    for number in (1, 2):
        await check_books(mongo, number)
    await ImpressionStore(mongo).record(ALICE, given)
    assert [(await check_books(mongo, number)).impressions for number in (1, 2)] == [2, 1]


CALLS = st.lists(
    st.tuples(st.integers(1, 3), st.lists(st.tuples(st.integers(1, 2), st.integers(1, 12)), min_size=1, max_size=6)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, derandomize=True)
@given(calls=CALLS, bids=st.tuples(st.integers(1, 3_000), st.integers(1, 3_000)), budget=st.integers(3, 12))
async def test_sum_of_charges_is_that_of_valid_impressions(
    mongo: Mongo, calls: list[tuple[int, list[tuple[int, int]]]], bids: tuple[int, int], budget: int
) -> None:
    """Concurrent calls by three viewers with repeated tokens; each slot belongs to one campaign."""
    for name in ("campaigns", "impressions"):
        await mongo.collection(name).delete_many({})
    for number, bid in enumerate(bids, 1):
        await CampaignStore(mongo).insert(campaign(number, bid_cents=bid, budget_cents=budget, frequency_cap=4))
    impressions = ImpressionStore(mongo)
    answers = await asyncio.gather(
        *[
            impressions.record(UserId(viewer), [shown(one, UserId(viewer), one * 100 + slot) for one, slot in slots])
            for viewer, slots in calls
        ]
    )
    counted = 0
    for number, bid in enumerate(bids, 1):
        given = {
            viewer: {slot for v, slots in calls if v == viewer for one, slot in slots if one == number}
            for viewer in (1, 2, 3)
        }
        payable = sum(min(len(slots), 4) for slots in given.values())
        record = await check_books(mongo, number)
        assert record.impressions == min(payable, budget * 1_000 // bid)
        counted += record.impressions
    assert sum(recorded.number for recorded in answers) == counted
