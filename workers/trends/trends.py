"""Snapshot of the trends: made by one worker under a lease, every ten seconds, for all servers.

Rough counts for each hour (workers/trends/hashtag_usage.py) say which hashtags may trend; the uses of those alone are
read from the database and judged exactly. Nothing here has to last: the next holder of the lease begins anew.
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
from datastore.stores import Stores
from datastore.trends.store import MOST_USES, Lease, Snapshot, TrendRecord
from workers.trends.hashtag_usage import TagNotes

EVERY_SECONDS: Final = 10.0
_LEASE_MS: Final = 25_000
_ASKING_SECONDS: Final = 2.0
_CANDIDATES, _KEPT = 150, 120
_AT_ONCE: Final = 8
_log = structlog.get_logger()


class Trends:
    """Any number may run; the one that holds the lease works."""

    def __init__(self, stores: Stores, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._stores, self._every_seconds = stores, every_seconds
        self._token = secrets.token_hex(8)
        self._notes = TagNotes(stores)

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            pause = self._every_seconds
            try:
                if not await self.look():
                    pause = min(_ASKING_SECONDS, self._every_seconds)
            except UnavailableError as error:
                _log.warning("trends not judged", error=repr(error))
            except Exception:  # noqa: BLE001 - the workers beside it must not end with it
                _log.exception("trends not judged, will be tried again")
            try:
                await asyncio.wait_for(stop.wait(), pause)
            except TimeoutError:
                continue

    async def look(self) -> bool:
        """Makes one snapshot. False where another worker makes them."""
        lease = await self._stores.trends.snapshots.take_lease(self._token, _LEASE_MS)
        if lease is Lease.OTHERS:
            return False
        if lease is Lease.TAKEN:
            self._notes = TagNotes(self._stores)
        now_ms = wall_ms()
        await self._notes.bring_up_to(now_ms)
        shown = {trend.tag: trend.name for trend in (await self._stores.trends.snapshots.latest()).trends}
        likely = await self._notes.candidates(now_ms, _CANDIDATES)
        judged = await self._judge(dict.fromkeys([*shown, *likely]), now_ms)
        best = sorted(judged.items(), key=lambda entry: (-entry[1].score, entry[0]))[:_KEPT]
        trends = [await self._trend(tag, found, shown.get(tag)) for tag, found in best]
        return await self._stores.trends.snapshots.publish(self._token, Snapshot(now_ms, tuple(trends)))

    async def _judge(self, tags: Iterable[str], now_ms: int) -> dict[str, Figures]:
        """Of those that trend."""
        uses: dict[str, Sequence[Use]] = {}
        for some_tags in chunked(tags, _AT_ONCE):
            asked = [self._stores.trends.tag_uses.of_tag(tag, now_ms - LOOKED_BACK_MS, MOST_USES) for tag in some_tags]
            uses |= zip(some_tags, await asyncio.gather(*asked), strict=True)
        people = {UserId(use.account) for some in uses.values() for use in some}
        public = set(await self._stores.users.accounts.public_among(people))
        seen = {tag: [use for use in some if use.account in public] for tag, some in uses.items()}
        crowded = [tag for tag, some in uses.items() if len(some) == MOST_USES and some[0].ms > now_ms - DAY_MS]
        judged = {tag: figures(some, now_ms) for tag, some in seen.items()}
        for tag in await self._stores.trends.tag_sketches.admit(crowded, now_ms):
            judged[tag] = await self._judge_crowd(tag, now_ms, _share(uses[tag], seen[tag]))
        return {tag: found for tag, found in judged.items() if found.score}

    async def _judge_crowd(self, tag: str, now_ms: int, share: PublicShare) -> Figures:
        await self._stores.trends.tag_sketches.bring_up_to(tag, now_ms)
        return hourly_figures(await self._stores.trends.tag_sketches.of_tag(tag, now_ms), now_ms, share)

    async def _trend(self, tag: str, found: Figures, known_name: str | None) -> TrendRecord:
        """Its name is looked up when it begins to trend."""
        name = known_name or await self._stores.trends.tag_uses.spelling(tag) or tag
        return TrendRecord(tag, name, found.score, found.tweets, found.accounts, found.history)


def _share(uses: Sequence[Use], seen: Sequence[Use]) -> PublicShare:
    """By the newest uses, for all of them."""
    accounts = [len({use.account for use in some}) for some in (seen, uses)]
    return PublicShare(len(seen) / len(uses), accounts[0] / accounts[1])
