"""Ad inventory: all campaigns that can pay, in process memory, best first, so that no page reads them from MongoDB.

Refreshed every second: two seconds after a decision about a tweet or its advertiser nobody sees the advertisement.
Changes made by this process are applied at once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from math import isfinite

import structlog

from core.errors import UnavailableError
from core.ids import UserId
from core.runtime.metrics import CAMPAIGNS_IN_REVIEW, CAMPAIGNS_RUNNING
from core.runtime.tasks import not_cancelled
from datastore.ads.campaigns import CampaignRecord
from datastore.records.items import TweetRecord
from datastore.stores import Stores
from resolvers.auction.auction import AdCandidate, ad_candidate, ranked_by_score

_REFRESH_SECONDS = 1.0
_MOST = 1_000
_log = structlog.get_logger()


class AdInventory:
    """`current` holds the candidates of the last refresh, in auction order."""

    def __init__(self, stores: Stores, *, requires_verification: bool = False) -> None:
        """`requires_verification`: campaigns of people who have not verified their address never run."""
        self._stores, self._requires_verification = stores, requires_verification
        self.current: tuple[AdCandidate, ...] = ()

    async def refresh(self) -> None:
        """Raises UnavailableError if MongoDB is away; the inventory stays as it was."""
        campaigns = await self._stores.ads.campaigns.active(_MOST)
        tweets = await self._stores.tweets.items.get_many([campaign.tweet_id for campaign in campaigns])
        advertisers = [campaign.advertiser_id for campaign in campaigns]
        authors = await self._stores.users.accounts.get_many(advertisers)
        unverified = set[UserId]()
        if self._requires_verification:
            unverified = await self._stores.users.accounts.unverified_among(advertisers)
        self.current = ranked_by_score(
            ad_candidate(campaign, tweet, author)
            for campaign, tweet, author in zip(campaigns, tweets, authors, strict=True)
            if isinstance(tweet, TweetRecord) and author is not None and author.id not in unverified
        )
        CAMPAIGNS_RUNNING.set(len(self.current))
        CAMPAIGNS_IN_REVIEW.set(await self._stores.ads.campaigns.count_in_review())

    def update(self, *campaigns: CampaignRecord) -> None:
        """Replaces these campaigns after an impression, a click or a pause; those that can't pay are dropped."""
        changed = {campaign.id: campaign for campaign in campaigns}
        candidates = [
            candidate
            if (campaign := changed.get(candidate.campaign.id)) is None
            else ad_candidate(campaign, candidate.tweet, candidate.author)
            for candidate in self.current
        ]
        self.current = ranked_by_score(candidate for candidate in candidates if isfinite(candidate.pays_from))

    async def run(self) -> None:
        """Refreshes until cancelled."""
        while not_cancelled():
            try:
                await self.refresh()
            except UnavailableError as error:
                _log.warning("campaigns not refreshed", error=repr(error))
            except Exception:  # noqa: BLE001 - otherwise the process would show no advertisements any more
                _log.exception("campaigns not refreshed")
            await asyncio.sleep(_REFRESH_SECONDS)


@asynccontextmanager
async def open_ad_inventory(
    stores: Stores, ad_spacing: int, *, requires_verification: bool = False
) -> AsyncIterator[AdInventory]:
    """Refreshes in the background. If `ad_spacing` is 0, there are no advertisements, and nothing is refreshed."""
    inventory = AdInventory(stores, requires_verification=requires_verification)
    if ad_spacing == 0:
        yield inventory
        return
    refreshing = asyncio.create_task(inventory.run(), name="ad inventory")
    try:
        yield inventory
    finally:
        refreshing.cancel()
        with suppress(asyncio.CancelledError):
            await refreshing
