"""Campaigns that can pay, in the memory of the process, best first: no page waits for the database because of them.

Asked for again every other second. What this process itself changes it knows at once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from math import isfinite

import structlog

from core.errors import UnavailableError
from core.runtime.tasks import not_cancelled
from datastore.ads.campaigns import CampaignRecord
from datastore.records.items import TweetRecord
from datastore.stores import Stores
from resolvers.auction.auction import Offer, offered, ranked

_REFRESH_SECONDS = 2.0
_MOST = 1_000
_log = structlog.get_logger()


class Offers:
    """`current` are those of the last look at the database."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self.current: tuple[Offer, ...] = ()

    async def refresh(self) -> None:
        """Raises UnavailableError where the database is away; what was known stays."""
        campaigns = await self._stores.ads.campaigns.active(_MOST)
        tweets = await self._stores.tweets.items.get_many([campaign.tweet_id for campaign in campaigns])
        authors = await self._stores.users.accounts.get_many([campaign.advertiser_id for campaign in campaigns])
        self.current = ranked(
            offered(campaign, tweet, author)
            for campaign, tweet, author in zip(campaigns, tweets, authors, strict=True)
            if isinstance(tweet, TweetRecord) and author is not None
        )

    def note(self, *campaigns: CampaignRecord) -> None:
        """What recordings and pauses made of campaigns."""
        changed = {campaign.id: campaign for campaign in campaigns}
        offers = [
            offered(changed[offer.campaign.id], offer.tweet, offer.author) if offer.campaign.id in changed else offer
            for offer in self.current
        ]
        self.current = ranked(offer for offer in offers if isfinite(offer.pays_from))

    async def run(self) -> None:
        """Until cancelled."""
        while not_cancelled():
            try:
                await self.refresh()
            except UnavailableError as error:
                _log.warning("campaigns not refreshed", error=repr(error))
            except Exception:  # noqa: BLE001 - else there would be no advertisements until the process ends
                _log.exception("campaigns not refreshed")
            await asyncio.sleep(_REFRESH_SECONDS)


@asynccontextmanager
async def open_offers(stores: Stores, ad_spacing: int) -> AsyncIterator[Offers]:
    """With no room for advertisements nobody asks for them."""
    offers = Offers(stores)
    if ad_spacing == 0:
        yield offers
        return
    refreshing = asyncio.create_task(offers.run(), name="offers")
    try:
        yield offers
    finally:
        refreshing.cancel()
        with suppress(asyncio.CancelledError):
            await refreshing
