"""Which advertisements are offered to a page: chosen for who reads it, with all that is shown of their tweets.

Never a page fails, or waits longer than a moment, because of advertisements: then it has none.
"""

import asyncio
import time
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import NamedTuple, Self

import structlog

from core.devices import DeviceKind
from core.errors import UnavailableError
from core.ids import TweetId, UserId, wall_ms
from datastore.ads.interests import Interests
from datastore.cache.rows import settle
from datastore.records.items import TweetCounts
from datastore.timelines.rules import Shown
from datastore.tweets.retweets import RetweetLog
from datastore.users.viewpoints import Viewpoint
from resolvers.auction.auction import Offer, Reader, choose
from resolvers.services import Services

_PATIENCE_SECONDS = 0.25
_NO_COUNTS, _NO_RETWEETS = TweetCounts(), RetweetLog()
_log = structlog.get_logger()


class ShownOffer(NamedTuple):
    """With what is shown of the tweet beside its text: its counts, and what who reads did with it."""

    offer: Offer
    shown: Shown


class Offering:
    """Of one page, around what reads it: where this process lacks what the choice is made by, it is read beside."""

    def __init__(self, services: Services, user_id: UserId, device: DeviceKind) -> None:
        self._services, self._user_id, self._device = services, user_id, device
        self._began = time.monotonic()
        self.is_open = bool(services.offers.current)
        """Whether anything is advertised to anybody."""
        self._reading: asyncio.Task[Interests] | None = None

    def __enter__(self) -> Self:
        interests = self._services.stores.ads.interests
        if self.is_open and not interests.is_remembered(self._user_id):
            self._reading = asyncio.create_task(interests.get(self._user_id, self._began), name="interests")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What nobody waits for any more is given up."""
        if self._reading is not None and not self._reading.cancel() and not self._reading.cancelled():
            self._reading.exception()

    async def offers(self, view: Viewpoint, room: int, on_page: Collection[TweetId]) -> list[ShownOffer]:
        """At most `room`, the best first; none where they can't be told in a moment. `on_page`: tweets of the page."""
        if not (room and self.is_open):
            return []
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                known, now_ms = await self._interests(), wall_ms()
                reader = Reader(view, known.tags | view.tags, known.times_shown(now_ms), self._device)
                chosen = choose(self._services.offers.current, reader, now_ms, room, on_page=on_page)
                return await shown_offers(self._services, self._user_id, chosen, self._began) if chosen else []
        except (UnavailableError, TimeoutError) as error:
            _log.warning("page without advertisements", error=repr(error))
        except Exception:  # noqa: BLE001 - no page fails because of what was to be advertised on it
            _log.exception("page without advertisements")
        return []

    async def _interests(self) -> Interests:
        """Remembered ones are confirmed by what the page has read meanwhile."""
        if self._reading is not None:
            return await self._reading
        return await self._services.stores.ads.interests.get(self._user_id, self._began)


async def shown_offers(services: Services, user_id: UserId, offers: Sequence[Offer], since: float) -> list[ShownOffer]:
    """In the order given, as of a moment."""
    stores, tweet_ids = services.stores, [offer.tweet.id for offer in offers]
    counts, acts = stores.tweets.items.look_at_counts(tweet_ids, since), stores.tweets.viewer_state.look(user_id, since)
    await settle(counts, acts)
    marks = await stores.tweets.viewer_state.of(user_id, acts.found.get(user_id), tweet_ids)
    return [
        ShownOffer(
            offer,
            Shown(
                offer.tweet,
                offer.tweet,
                offer.author,
                _NO_RETWEETS,
                counts.found.get(offer.tweet.id, _NO_COUNTS),
                mark,
                offer.author,
            ),
        )
        for offer, mark in zip(offers, marks, strict=True)
    ]
