"""Trends worker: under a lease, one worker computes the trends snapshot of all servers every ten seconds.

Hourly estimates (workers/trends/hashtag_usage.py) yield candidates; only their uses are read from the database and
scored exactly. No state has to survive: the next holder of the lease starts from nothing.
"""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from typing import Final

import structlog

from core.errors import UnavailableError
from core.ids import UserId, wall_ms
from core.trends.scoring import DAY_MS, LOOKED_BACK_MS, Figures, PublicShare, Use, figures, hourly_figures
from datastore.mongo.bulk import chunked
from datastore.trends.snapshots import LeaseState, Snapshot, TrendRecord
from datastore.trends.stores import TrendStores
from datastore.trends.tag_uses import MAX_USES
from datastore.users.store import UserStore
from workers.trends.hashtag_usage import HashtagUsage

EVERY_SECONDS: Final = 10.0
_LEASE_MS: Final = 25_000
_LEASE_RETRY_SECONDS: Final = 2.0
_CANDIDATES, _KEPT = 150, 120
_AT_ONCE: Final = 8
_log = structlog.get_logger()


class TrendsWorker:
    """Any number may run; the one that holds the lease works."""

    def __init__(self, trends: TrendStores, accounts: UserStore, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._trends, self._accounts, self._every_seconds = trends, accounts, every_seconds
        self._token = secrets.token_hex(8)
        self._usage = HashtagUsage(trends)

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            pause = self._every_seconds
            try:
                if not await self.publish_snapshot():
                    pause = min(_LEASE_RETRY_SECONDS, self._every_seconds)
            except UnavailableError as error:
                _log.warning("trends not judged", error=repr(error))
            except Exception:  # noqa: BLE001 - the workers beside it must not end with it
                _log.exception("trends not judged, will be tried again")
            try:
                await asyncio.wait_for(stop.wait(), pause)
            except TimeoutError:
                continue

    async def publish_snapshot(self) -> bool:
        """Computes and stores one snapshot. False if another worker holds the lease."""
        lease = await self._trends.snapshots.try_acquire_lease(self._token, _LEASE_MS)
        if lease is LeaseState.HELD_BY_OTHER:
            return False
        if lease is LeaseState.ACQUIRED:
            self._usage = HashtagUsage(self._trends)
        now_ms = wall_ms()
        await self._usage.catch_up(now_ms)
        known = {trend.tag: trend.name for trend in (await self._trends.snapshots.latest()).trends}
        likely = await self._usage.candidates(now_ms, _CANDIDATES)
        scored = await self._score(dict.fromkeys([*known, *likely]), now_ms)
        best = sorted(scored.items(), key=lambda entry: (-entry[1].score, entry[0]))[:_KEPT]
        trends = [await self._trend(tag, found, known.get(tag)) for tag, found in best]
        return await self._trends.snapshots.publish(self._token, Snapshot(now_ms, tuple(trends)))

    async def _score(self, tags: Iterable[str], now_ms: int) -> dict[str, Figures]:
        """Figures of the hashtags that trend."""
        uses: dict[str, Sequence[Use]] = {}
        for some_tags in chunked(tags, _AT_ONCE):
            asked = [self._trends.tag_uses.of_tag(tag, now_ms - LOOKED_BACK_MS, MAX_USES) for tag in some_tags]
            uses |= zip(some_tags, await asyncio.gather(*asked), strict=True)
        unread = [tag for tag, some in uses.items() if len(some) == MAX_USES and some[0].ms > now_ms - DAY_MS]
        people = {UserId(use.account) for some in uses.values() for use in some}
        public = set(await self._accounts.public_among(people))
        voices = self._trends.voices
        seen = {tag: await voices.counted([use for use in some if use.account in public]) for tag, some in uses.items()}
        scored = {tag: figures(some, now_ms) for tag, some in seen.items()}
        for tag in await self._trends.tag_sketches.admit(unread, now_ms):
            scored[tag] = await self._score_sketched(tag, now_ms, _share(await voices.counted(uses[tag]), seen[tag]))
        return {tag: found for tag, found in scored.items() if found.score}

    async def _score_sketched(self, tag: str, now_ms: int, share: PublicShare) -> Figures:
        await self._trends.tag_sketches.catch_up(tag, now_ms)
        return hourly_figures(await self._trends.tag_sketches.of_tag(tag, now_ms), now_ms, share)

    async def _trend(self, tag: str, found: Figures, known_name: str | None) -> TrendRecord:
        """The name is looked up when the hashtag begins to trend."""
        name = known_name or await self._trends.tag_uses.spelling(tag) or tag
        return TrendRecord(tag, name, found.score, found.tweets, found.accounts, found.history)


def _share(uses: Sequence[Use], seen: Sequence[Use]) -> PublicShare:
    """Share of public uses and accounts, estimated from the newest uses that count."""
    if not seen:
        return PublicShare(0, 0)
    accounts = [len({use.account for use in some}) for some in (seen, uses)]
    return PublicShare(len(seen) / len(uses), accounts[0] / accounts[1])
