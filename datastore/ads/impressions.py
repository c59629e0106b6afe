"""Recorded impressions and clicks. An impression, its price and the use of its token are one transaction, so none of
them exists without the others, and no token is used twice.

Every transaction changes the campaign's document. Concurrent ones conflict there and one is retried, so neither budget
nor frequency cap is exceeded.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from core.auth.tokens import ImpressionClaims, utc_now
from core.ids import CampaignId, UserId
from datastore.ads.campaigns import COLLECTION, CampaignRecord, day_key, to_record
from datastore.mongo.client import Document, Mongo, away_as_unavailable

CAP_WINDOW = timedelta(hours=24)


class Recorded(NamedTuple):
    """Number of impressions or clicks that counted, the changed campaigns, and what they paid (millicents)."""

    number: int
    campaigns: tuple[CampaignRecord, ...]
    paid: int = 0


class ImpressionStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._impressions = mongo.collection("impressions")
        self._campaigns = mongo.collection(COLLECTION)

    async def record(self, viewer_id: UserId, shown: Sequence[ImpressionClaims]) -> Recorded:
        """Records impressions of one viewer; repeated, unaffordable and over-frequent ones do not count."""
        changing = {claims.campaign_id for claims in shown}
        with away_as_unavailable():
            charged = await self._mongo.in_transaction(
                lambda session: self._record(session, viewer_id, shown), changing=changing
            )
        paid = sum(count * campaign.bid_cents for count, campaign in charged)
        return Recorded(sum(count for count, _ in charged), tuple(campaign for _, campaign in charged), paid)

    async def record_click(self, claims: ImpressionClaims) -> Recorded:
        """Records a click once, and only if the impression was recorded."""

        async def click(session: Any) -> list[CampaignRecord]:
            unclicked = {"_id": _impression_id(claims), "viewer": claims.viewer_id, "is_clicked": False}
            change = {"$set": {"is_clicked": True}}
            if not (await self._impressions.update_one(unclicked, change, session=session)).modified_count:
                return []
            step = {"clicks": 1, f"days.{day_key(utc_now())}.clicks": 1}
            row = await self._campaigns.find_one_and_update(
                {"_id": claims.campaign_id}, {"$inc": step}, session=session, return_document=True
            )
            return [to_record(row)]

        with away_as_unavailable():
            clicked = await self._mongo.in_transaction(click, changing=(claims.campaign_id,))
        return Recorded(len(clicked), tuple(clicked))

    async def of_viewer(self, viewer_id: UserId) -> list[tuple[CampaignId, datetime]]:
        """Campaign and time of the viewer's impressions within the window of frequency caps."""
        query = {"viewer": viewer_id, "at": {"$gt": utc_now() - CAP_WINDOW}}
        with away_as_unavailable():
            found = self._impressions.find(query, {"campaign": 1, "at": 1, "_id": 0})
            return [(row["campaign"], row["at"]) async for row in found]

    async def delete_of(self, viewer_id: UserId) -> None:
        """Deletes a viewer's impressions; their cost stays with the campaigns."""
        with away_as_unavailable():
            await self._impressions.delete_many({"viewer": viewer_id})

    async def _record(
        self, session: Any, viewer_id: UserId, shown: Sequence[ImpressionClaims]
    ) -> list[tuple[int, CampaignRecord]]:
        now = utc_now()
        ids = [_impression_id(claims) for claims in shown]
        recorded = self._impressions.find({"_id": {"$in": ids}, "viewer": viewer_id}, session=session)
        known = [row["_id"]["slot"] async for row in recorded]
        fresh: dict[CampaignId, dict[int, ImpressionClaims]] = {}
        for claims in shown:
            if claims.slot not in known:
                fresh.setdefault(claims.campaign_id, {})[claims.slot] = claims
        seen = await self._seen(session, viewer_id, list(fresh), now)
        charged = []
        for campaign_id in sorted(fresh):
            candidates = list(fresh[campaign_id].values())
            count, campaign = await self._charge(session, campaign_id, len(candidates), seen[campaign_id], now)
            if campaign is not None:
                rows = [_to_row(claims, now) for claims in candidates[:count]]
                await self._impressions.insert_many(rows, session=session)
                charged.append((count, campaign))
        return charged

    async def _seen(
        self, session: Any, viewer_id: UserId, campaigns: Sequence[CampaignId], now: datetime
    ) -> Mapping[CampaignId, int]:
        query = {"viewer": viewer_id, "at": {"$gt": now - CAP_WINDOW}, "campaign": {"$in": list(campaigns)}}
        found = self._impressions.find(query, {"campaign": 1}, session=session)
        return Counter([row["campaign"] async for row in found])

    async def _charge(
        self, session: Any, campaign_id: CampaignId, wanted: int, seen: int, now: datetime
    ) -> tuple[int, CampaignRecord | None]:
        """Number of impressions that the campaign pays, and the changed campaign; None if it pays none."""
        row = await self._campaigns.find_one({"_id": campaign_id}, {"days": 0}, session=session)
        if row is None:
            return 0, None
        price, left = row["bid_cents"], row["left"]
        count = min(wanted, left // price, max(row["frequency_cap"] - seen, 0))
        if not count:
            return 0, None
        cost = count * price
        changed = await self._campaigns.find_one_and_update(
            {"_id": campaign_id, "left": left},
            {
                "$inc": {"left": -cost, "impressions": count, f"days.{day_key(now)}.impressions": count},
                "$set": {"can_pay": left - cost >= price},
            },
            session=session,
            return_document=True,
        )
        return count, to_record(changed)


def _impression_id(claims: ImpressionClaims) -> Document:
    return {"viewer": claims.viewer_id, "slot": claims.slot}


def _to_row(claims: ImpressionClaims, now: datetime) -> Document:
    return {
        "_id": _impression_id(claims),
        "viewer": claims.viewer_id,
        "campaign": claims.campaign_id,
        "at": now,
        "is_clicked": False,
    }
