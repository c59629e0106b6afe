"""Kills of processes that record impressions: the charge stays the number recorded times the price."""

import random
from functools import partial

import pytest
import uvloop
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.auth.tokens import ImpressionClaims
from core.errors import UnavailableError
from core.ids import CampaignId, UserId
from core.settings import Settings
from datastore.admin.indexes import make_indexes
from datastore.ads.campaigns import CampaignStore
from datastore.ads.impressions import ImpressionStore
from datastore.mongo.client import Mongo, open_mongo
from tests.datastore.ads.test_impressions import campaign, check_books
from tests.support.processes.worker_processes import killed_processes
from tests.support.service import settings_for
from tests.support.waiting import eventually

BIDS = {1: 700, 2: 1_000, 3: 1_300}
BUDGET_CENTS, VIEWERS, SLOTS = 30, 12, 12
PATIENCE_SECONDS = 30.0
one_run = settings(
    max_examples=1, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)


def tokens_of(viewer: int) -> list[ImpressionClaims]:
    """More impressions than the campaigns can pay; each slot belongs to one of them."""
    return [
        ImpressionClaims(CampaignId(slot % len(BIDS) + 1), UserId(viewer), viewer * SLOTS + slot)
        for slot in range(SLOTS)
    ]


@one_run
@given(seed=st.integers(0, 1 << 32))
async def test_charges_are_right_after_some_recorders_were_killed(mongo_url: str, seed: int) -> None:
    await compare_after_kills(mongo_url, seed, kills=2)


@pytest.mark.long
@settings(one_run, max_examples=3)
@given(seed=st.integers(0, 1 << 32))
async def test_charges_are_right_after_50_recorders_were_killed(mongo_url: str, seed: int) -> None:
    await compare_after_kills(mongo_url, seed, kills=50)


async def compare_after_kills(mongo_url: str, seed: int, *, kills: int) -> None:
    """Processes submit tokens repeatedly, click, and are killed meanwhile. The seed decides what each does."""
    dice, recorder = random.Random(seed), partial(record_for_ever, seed)
    async with open_mongo(mongo_url) as mongo:
        await make_indexes(mongo)
        for name in ("campaigns", "impressions", "calls"):
            await mongo.collection(name).delete_many({})
        for number, bid in BIDS.items():
            await CampaignStore(mongo).insert(campaign(number, bid_cents=bid, budget_cents=BUDGET_CENTS))
        async with killed_processes(recorder, settings_for(mongo_url, "redis://nobody"), 3) as recorders:
            for _ in range(kills):
                await more_calls(mongo, dice.randrange(1, 5))
                recorders.kill(dice.randrange(3))
        for viewer in range(1, VIEWERS + 1):
            await hand_in_all(mongo, viewer)
        for number, bid in BIDS.items():
            record = await check_books(mongo, number)
            assert record.impressions == min(VIEWERS * SLOTS // len(BIDS), BUDGET_CENTS * 1_000 // bid)


async def more_calls(mongo: Mongo, number: int) -> None:
    """Waits for that many further answers."""
    calls = mongo.collection("calls")
    before = await calls.count_documents({})

    async def are_there() -> bool:
        return bool(await calls.count_documents({}) >= before + number)

    await eventually(are_there, within=PATIENCE_SECONDS)


async def hand_in_all(mongo: Mongo, viewer: int) -> None:
    """Locks of a killed process last for some seconds."""

    async def is_answered() -> bool:
        try:
            await ImpressionStore(mongo).record(UserId(viewer), tokens_of(viewer))
        except UnavailableError:
            return False
        return True

    await eventually(is_answered, within=PATIENCE_SECONDS)


def record_for_ever(seed: int, settings: Settings, number: int) -> None:
    uvloop.run(_record(settings.mongo_url or "", random.Random(f"{seed}:{number}")))


async def _record(mongo_url: str, dice: random.Random) -> None:
    async with open_mongo(mongo_url) as mongo:
        impressions = ImpressionStore(mongo)
        while True:
            viewer = dice.randrange(1, VIEWERS + 1)
            given_out = dice.sample(tokens_of(viewer), dice.randrange(1, 7))
            try:
                await impressions.record(UserId(viewer), given_out)
                await impressions.record_click(given_out[0])
            except UnavailableError:
                continue
            await mongo.collection("calls").insert_one({})
