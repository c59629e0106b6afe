"""Ad selection: runs the auction for a page's viewer, and hydrates the tweets of the winners.

No page fails, or waits longer than 250 ms, because of advertisements: it is served without.
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
from core.runtime.metrics import AD_SLOTS
from datastore.ads.interests import Interests
from datastore.cache.pending_read import resolve_reads
from datastore.records.items import TweetCounts
from datastore.stores import Stores
from datastore.timelines.rules import HydratedItem
from datastore.tweets.retweets import RetweetLog
from datastore.users.viewpoint_records import Viewpoint
from resolvers.auction.auction import AdCandidate, AdViewer, TargetingReason, run_auction, targeting_reasons
from resolvers.services import Services

_TIMEOUT_SECONDS = 0.25
_NO_COUNTS, _NO_RETWEETS = TweetCounts(), RetweetLog()
_log = structlog.get_logger()


class HydratedAd(NamedTuple):
    """A candidate with its tweet's counts and the viewer's state, and why it was chosen."""

    candidate: AdCandidate
    shown: HydratedItem
    reasons: tuple[TargetingReason, ...]


class AdSelection:
    """The selection for one page; enter it around the page's own reads.

    If this process lacks the viewer's interests, they are read concurrently with the page.
    """

    def __init__(self, services: Services, user_id: UserId, device: DeviceKind) -> None:
        self._services, self._user_id, self._device = services, user_id, device
        self._began = time.monotonic()
        self.has_ads = bool(services.ad_inventory.current)
        """Whether the inventory holds any campaign."""
        self._reading: asyncio.Task[Interests] | None = None

    def __enter__(self) -> Self:
        interests = self._services.stores.ads.interests
        if self.has_ads and not interests.is_remembered(self._user_id):
            self._reading = asyncio.create_task(interests.get(self._user_id, self._began), name="interests")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cancels the read of interests if it is not done."""
        if self._reading is not None and not self._reading.cancel() and not self._reading.cancelled():
            self._reading.exception()

    async def choose(self, view: Viewpoint, capacity: int, on_page: Collection[TweetId]) -> list[HydratedAd]:
        """At most `capacity`, the best first; none if it takes too long. `on_page`: tweets of the page."""
        if not (capacity and self.has_ads):
            return []
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                known, now_ms = await self._interests(), wall_ms()
                viewer = AdViewer(view, known.tags, known.times_shown(now_ms), self._device, known.unwanted)
                chosen = run_auction(self._services.ad_inventory.current, viewer, now_ms, capacity, on_page=on_page)
                AD_SLOTS.labels("filled").inc(len(chosen))
                AD_SLOTS.labels("empty").inc(capacity - len(chosen))
                return await hydrate_ads(self._services.stores, viewer, chosen, self._began) if chosen else []
        except (UnavailableError, TimeoutError) as error:
            _log.warning("page without advertisements", error=repr(error))
        except Exception:  # noqa: BLE001 - no page fails because of advertisements
            _log.exception("page without advertisements")
        return []

    async def _interests(self) -> Interests:
        """Locally cached interests are valid without a read: the page has read from Redis meanwhile."""
        if self._reading is not None:
            return await self._reading
        return await self._services.stores.ads.interests.get(self._user_id, self._began)


async def hydrate_ads(
    stores: Stores, viewer: AdViewer, candidates: Sequence[AdCandidate], since: float
) -> list[HydratedAd]:
    """In the order given; rows are no older than `since` (monotonic seconds)."""
    tweet_ids = [candidate.tweet.id for candidate in candidates]
    user_id = viewer.view.user_id
    counts = stores.tweets.counts.begin_read(tweet_ids, since)
    interactions = stores.tweets.viewer_state.begin_read(user_id, since)
    await resolve_reads(counts, interactions)
    states = await stores.tweets.viewer_state.from_row(user_id, interactions.found.get(user_id), tweet_ids)
    return [
        HydratedAd(
            candidate,
            HydratedItem(
                candidate.tweet,
                candidate.tweet,
                candidate.author,
                _NO_RETWEETS,
                counts.found.get(candidate.tweet.id, _NO_COUNTS),
                state,
                candidate.author,
            ),
            targeting_reasons(candidate.campaign, viewer.view, viewer.liked),
        )
        for candidate, state in zip(candidates, states, strict=True)
    ]
