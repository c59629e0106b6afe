"""Which advertisements are offered to a page: chosen for who reads it, with what is shown of their tweets.

Never a page fails, or waits longer than a moment, because of advertisements: then it has none.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple

import structlog

from core.devices import DeviceKind
from core.errors import UnavailableError
from core.ids import TweetId, UserId, wall_ms
from core.tokens import utc_now
from datastore.cache import Look, settle
from datastore.interests import Interests
from datastore.items import ItemRecord, RetweetRecord, TweetCounts
from datastore.marks import Mark
from datastore.viewpoints import Viewpoint
from resolvers.advertisements import Offer, Reader, choose
from resolvers.services import Services

_PATIENCE_SECONDS = 0.25
_NO_COUNTS = TweetCounts()
_log = structlog.get_logger()


class ShownOffer(NamedTuple):
    """With what is shown of the tweet beside its text: its counts, and what who reads did with it."""

    offer: Offer
    counts: TweetCounts
    mark: Mark


class Offering:
    """Of one page. What the choice is made by is asked for at once, with the page's own rows."""

    def __init__(self, services: Services, user_id: UserId, device: DeviceKind) -> None:
        self._services, self._user_id, self._device = services, user_id, device
        self._began = time.monotonic()
        is_anything_offered = bool(services.offers.current)
        self._interests = services.stores.interests.look(user_id, self._began) if is_anything_offered else None

    async def offers(self, view: Viewpoint, first: int, organic: Sequence[ItemRecord]) -> list[ShownOffer]:
        """As many as a page of `first` may have room for, the best first; none where they can't be told in a moment."""
        if self._interests is None:
            return []
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                chosen = self._choose(await self._reader(self._interests, view), first, organic)
                return await shown_offers(self._services, self._user_id, chosen, self._began) if chosen else []
        except (UnavailableError, TimeoutError) as error:
            _log.warning("page without advertisements", error=repr(error))
        except Exception:  # noqa: BLE001 - no page fails because of what was to be advertised on it
            _log.exception("page without advertisements")
        return []

    async def _reader(self, interests: Look[UserId, Interests], view: Viewpoint) -> Reader:
        await settle(interests)
        known = interests.found.get(self._user_id) or Interests()
        return Reader(view, known.tags | view.tags, known.times_shown(wall_ms()), self._device)

    def _choose(self, reader: Reader, first: int, organic: Sequence[ItemRecord]) -> list[Offer]:
        most, on_page = first // (self._services.ad_spacing + 1) + 1, set(map(_tweet_id, organic))
        return choose(self._services.offers.current, reader, utc_now(), most, on_page=on_page)


async def shown_offers(services: Services, user_id: UserId, offers: Sequence[Offer], since: float) -> list[ShownOffer]:
    """In the order given, as of a moment."""
    stores, tweet_ids = services.stores, [offer.tweet.id for offer in offers]
    counts, acts = stores.tweets.look_at_counts(tweet_ids, since), stores.marks.look(user_id, since)
    await settle(counts, acts)
    marks = await stores.marks.of(user_id, acts.found.get(user_id), tweet_ids)
    return [
        ShownOffer(offer, counts.found.get(offer.tweet.id, _NO_COUNTS), mark)
        for offer, mark in zip(offers, marks, strict=True)
    ]


def _tweet_id(item: ItemRecord) -> TweetId:
    return item.tweet_id if isinstance(item, RetweetRecord) else item.id
