"""Campaigns with their budgets and results.

Money is kept in thousandths of a cent, the price unit of one impression, so that no sum is rounded. `left` never goes
below zero (see datastore/ads/impressions.py).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from core.auth.tokens import utc_now
from core.devices import DeviceKind
from core.ids import CampaignId, TweetId, UserId
from datastore.moderation.log import LogLine, append_to_log
from datastore.mongo.client import Document, Mongo, away_as_unavailable

COLLECTION = "campaigns"
_WAITING: Final = {"review": "IN_REVIEW"}
MILLICENTS = 1000
"""Thousandths of a cent in a cent. A bid is for a thousand impressions, so one costs `bid_cents` millicents."""


class Review(StrEnum):
    """State of a campaign's review. One that needs no review, or was approved, has none of these."""

    IN_REVIEW = "IN_REVIEW"
    REJECTED = "REJECTED"


class CampaignStatus(StrEnum):
    IN_REVIEW = "IN_REVIEW"
    REJECTED = "REJECTED"
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
    review: Review | None = None

    @property
    def budget(self) -> int:
        """In thousandths of a cent."""
        return self.budget_cents * MILLICENTS

    @property
    def spent(self) -> int:
        """In thousandths of a cent."""
        return self.budget - self.left

    def status(self, now: datetime) -> CampaignStatus:
        if self.review is Review.REJECTED:
            return CampaignStatus.REJECTED
        if now >= self.ends_at:
            return CampaignStatus.ENDED
        if self.left < self.bid_cents:
            return CampaignStatus.EXHAUSTED
        if self.review is Review.IN_REVIEW:
            return CampaignStatus.IN_REVIEW
        return CampaignStatus.PAUSED if self.is_paused else CampaignStatus.ACTIVE


class CampaignStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo, self._campaigns = mongo, mongo.collection(COLLECTION)

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

    async def delete_of(self, advertiser_id: UserId) -> None:
        with away_as_unavailable():
            await self._campaigns.delete_many({"advertiser": advertiser_id})

    async def of_tweet(self, advertiser_id: UserId, tweet_id: TweetId) -> list[CampaignRecord]:
        """The advertiser's campaigns that show this tweet, ended ones too; without their days."""
        query = {"advertiser": advertiser_id, "tweet": tweet_id}
        with away_as_unavailable():
            return [to_record(row) async for row in self._campaigns.find(query, {"days": 0})]

    async def decide(self, campaign_id: CampaignId, line: LogLine, *, is_approved: bool) -> CampaignRecord | None:
        """Ends the review, or changes its result, and writes the line. The changed campaign; None if there is none."""
        change = {"$unset": {"review": 1}} if is_approved else {"$set": {"review": str(Review.REJECTED)}}

        async def decide(session: Any) -> Document | None:
            row: Document | None = await self._campaigns.find_one_and_update(
                {"_id": campaign_id}, change, return_document=True, session=session
            )
            if row is not None:
                await append_to_log(self._mongo, session, line)
            return row

        with away_as_unavailable():
            row = await self._mongo.in_transaction(decide, changing=(campaign_id,))
        return None if row is None else to_record(row)

    async def in_review(self, after: int | None, limit: int) -> list[CampaignRecord]:
        """Oldest first, newer than `after`."""
        query: Document = _WAITING if after is None else {**_WAITING, "_id": {"$gt": after}}
        with away_as_unavailable():
            return [to_record(row) async for row in self._campaigns.find(query).sort("_id", 1).limit(limit)]

    async def count_in_review(self) -> int:
        with away_as_unavailable():
            return int(await self._campaigns.count_documents(_WAITING))

    async def active(self, limit: int) -> list[CampaignRecord]:
        """The `limit` highest bids among campaigns that can pay now and need no review; without their days."""
        now = utc_now()
        time = {"starts_at": {"$lte": now}, "ends_at": {"$gt": now}}
        query = {"can_pay": True, "is_paused": False, **time, "review": None}
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
        review=None if row.get("review") is None else Review(row["review"]),
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
        **({} if campaign.review is None else {"review": str(campaign.review)}),
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
