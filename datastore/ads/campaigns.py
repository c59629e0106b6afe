"""Campaigns with their budgets and results.

Money is kept in thousandths of a cent, the price unit of one impression, so that no sum is rounded. `left` never goes
below zero (see datastore/ads/impressions.py).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from core.auth.tokens import utc_now
from core.devices import DeviceKind
from core.ids import CampaignId, TweetId, UserId
from datastore.mongo.client import Document, Mongo, away_as_unavailable

COLLECTION = "campaigns"
MILLICENTS = 1000
"""Thousandths of a cent in a cent. A bid is for a thousand impressions, so one costs `bid_cents` millicents."""


class CampaignStatus(StrEnum):
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    EXHAUSTED = "EXHAUSTED"
    ENDED = "ENDED"


class DailyFigures(NamedTuple):
    """Impressions and clicks recorded on one day (UTC). `spent` is in thousandths of a cent."""

    day: date
    impressions: int
    clicks: int
    spent: int


class CampaignRecord(NamedTuple):
    """`left` of the budget is in thousandths of a cent. `hashtags` as written, `tags` their keys; none: all users."""

    id: CampaignId
    advertiser_id: UserId
    tweet_id: TweetId
    bid_cents: int
    budget_cents: int
    starts_at: datetime
    ends_at: datetime
    hashtags: tuple[str, ...]
    tags: frozenset[str]
    devices: tuple[DeviceKind, ...]
    frequency_cap: int
    is_paused: bool
    left: int
    impressions: int = 0
    clicks: int = 0
    days: tuple[DailyFigures, ...] = ()

    @property
    def budget(self) -> int:
        """In thousandths of a cent."""
        return self.budget_cents * MILLICENTS

    @property
    def spent(self) -> int:
        """In thousandths of a cent."""
        return self.budget - self.left

    def status(self, now: datetime) -> CampaignStatus:
        if now >= self.ends_at:
            return CampaignStatus.ENDED
        if self.left < self.bid_cents:
            return CampaignStatus.EXHAUSTED
        return CampaignStatus.PAUSED if self.is_paused else CampaignStatus.ACTIVE


class CampaignStore:
    def __init__(self, mongo: Mongo) -> None:
        self._campaigns = mongo.collection(COLLECTION)

    async def insert(self, campaign: CampaignRecord) -> None:
        with away_as_unavailable():
            await self._campaigns.insert_one(to_document(campaign))

    async def get(self, campaign_id: CampaignId) -> CampaignRecord | None:
        with away_as_unavailable():
            row = await self._campaigns.find_one({"_id": campaign_id})
        return None if row is None else to_record(row)

    async def set_paused(self, campaign_id: CampaignId, *, is_paused: bool) -> CampaignRecord | None:
        """Returns the changed campaign; None if there is none."""
        change = {"$set": {"is_paused": is_paused}}
        with away_as_unavailable():
            row = await self._campaigns.find_one_and_update({"_id": campaign_id}, change, return_document=True)
        return None if row is None else to_record(row)

    async def by_advertiser(self, advertiser_id: UserId, before: int | None, limit: int) -> list[CampaignRecord]:
        """Newest first, older than `before`."""
        query: Document = {"advertiser": advertiser_id}
        if before is not None:
            query["_id"] = {"$lt": before}
        with away_as_unavailable():
            return [to_record(row) async for row in self._campaigns.find(query).sort("_id", -1).limit(limit)]

    async def active(self, limit: int) -> list[CampaignRecord]:
        """The `limit` highest bids among campaigns that can pay now; without their days."""
        now = utc_now()
        query = {"can_pay": True, "is_paused": False, "starts_at": {"$lte": now}, "ends_at": {"$gt": now}}
        with away_as_unavailable():
            found = self._campaigns.find(query, {"days": 0}).sort("bid_cents", -1).limit(limit)
            return [to_record(row) async for row in found]


def to_record(row: Mapping[str, Any]) -> CampaignRecord:
    return CampaignRecord(
        id=row["_id"],
        advertiser_id=row["advertiser"],
        tweet_id=row["tweet"],
        bid_cents=row["bid_cents"],
        budget_cents=row["budget_cents"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        hashtags=tuple(row["hashtags"]),
        tags=frozenset(row["tags"]),
        devices=tuple(map(DeviceKind, row["devices"])),
        frequency_cap=row["frequency_cap"],
        is_paused=row["is_paused"],
        left=row["left"],
        impressions=row["impressions"],
        clicks=row["clicks"],
        days=_days(row.get("days", {}), row["bid_cents"]),
    )


def to_document(campaign: CampaignRecord) -> Document:
    """The document of a new campaign. `can_pay`: the budget covers one more impression."""
    return {
        "_id": campaign.id,
        "advertiser": campaign.advertiser_id,
        "tweet": campaign.tweet_id,
        "bid_cents": campaign.bid_cents,
        "budget_cents": campaign.budget_cents,
        "starts_at": campaign.starts_at,
        "ends_at": campaign.ends_at,
        "hashtags": list(campaign.hashtags),
        "tags": sorted(campaign.tags),
        "devices": [str(device) for device in campaign.devices],
        "frequency_cap": campaign.frequency_cap,
        "is_paused": campaign.is_paused,
        "can_pay": campaign.left >= campaign.bid_cents,
        "left": campaign.left,
        "impressions": campaign.impressions,
        "clicks": campaign.clicks,
        "days": {day.isoformat(): {"impressions": shown, "clicks": clicks} for day, shown, clicks, _ in campaign.days},
    }


def day_key(instant: datetime) -> str:
    return instant.astimezone(UTC).date().isoformat()


def _days(rows: Mapping[str, Mapping[str, int]], bid_cents: int) -> tuple[DailyFigures, ...]:
    days: Sequence[tuple[str, Mapping[str, int]]] = sorted(rows.items())
    return tuple(
        DailyFigures(
            date.fromisoformat(day),
            figures.get("impressions", 0),
            figures.get("clicks", 0),
            figures.get("impressions", 0) * bid_cents,
        )
        for day, figures in days
    )
