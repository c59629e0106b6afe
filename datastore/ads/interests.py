"""Interests of a user for ad selection, one cached row: hashtags of recent likes, and recent impressions."""

import asyncio
from collections.abc import Sequence

import msgspec

from core.ids import CampaignId, TweetId, UserId
from datastore.ads.impressions import CAP_WINDOW, ImpressionStore
from datastore.ads.unwanted import UnwantedAdStore
from datastore.cache.rows import RowCache
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.redis import keys
from datastore.redis.node.pipeline import CommandPipeline

_RECENT_LIKES = 100
_TTL_SECONDS = 600


class Interests(msgspec.Struct, frozen=True, array_like=True):
    """`tags` of the last 100 liked tweets; `shown`: impressions as campaign and Unix milliseconds.

    `unwanted`: tweets that are not to be advertised.
    """

    tags: frozenset[str] = frozenset()
    shown: tuple[tuple[CampaignId, int], ...] = ()
    unwanted: frozenset[TweetId] = frozenset()

    def times_shown(self, now_ms: int) -> dict[CampaignId, int]:
        """Number of impressions within the window of frequency caps, by campaign."""
        since, counts = now_ms - CAP_WINDOW.total_seconds() * 1000, dict[CampaignId, int]()
        for campaign_id, at_ms in self.shown:
            if at_ms > since:
                counts[campaign_id] = counts.get(campaign_id, 0) + 1
        return counts


class InterestStore:
    """Call `invalidate` after a like, after an impression, and after a tweet became unwanted."""

    def __init__(
        self, mongo: Mongo, pipeline: CommandPipeline, impressions: ImpressionStore, unwanted: UnwantedAdStore
    ) -> None:
        self._mongo, self._impressions, self._unwanted = mongo, impressions, unwanted
        self._rows = RowCache[UserId, Interests](
            pipeline, Interests, key=keys.interests, load=self._load, ttl_seconds=_TTL_SECONDS
        )

    async def get(self, user_id: UserId, since: float) -> Interests:
        """As of `since` (monotonic seconds) or later."""
        (found,) = await self._rows.get_many([user_id], since)
        return found or Interests()

    def is_remembered(self, user_id: UserId) -> bool:
        """Whether the local cache has the row, so that `get` waits for a read barrier at most."""
        return bool(self._rows.local.get([user_id]))

    async def invalidate(self, user_id: UserId) -> None:
        await self._rows.invalidate(user_id)

    async def _load(self, ids: Sequence[UserId]) -> dict[UserId, Interests]:
        return dict(zip(ids, await asyncio.gather(*map(self._load_one, ids)), strict=True))

    async def _load_one(self, user_id: UserId) -> Interests:
        tags, shown, unwanted = await asyncio.gather(
            self._liked_tags(user_id), self._impressions.of_viewer(user_id), self._unwanted.of_viewer(user_id)
        )
        times = tuple((campaign_id, int(at.timestamp() * 1000)) for campaign_id, at in shown)
        return Interests(tags, times, unwanted)

    async def _liked_tags(self, user_id: UserId) -> frozenset[str]:
        likes, tweets = self._mongo.collection("likes"), self._mongo.collection("tweets")
        with away_as_unavailable():
            found = likes.find({"user": user_id}, {"target": 1}).sort("_id", -1).limit(_RECENT_LIKES)
            liked = [row["target"] async for row in found]
            tagged = tweets.find({"_id": {"$in": liked}, "tags": {"$gt": ""}}, {"tags": 1, "_id": 0})
            return frozenset([tag async for row in tagged for tag in row["tags"]])
