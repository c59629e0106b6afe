"""Cleaning of pictures: deletes files of removed ones, and unused uploads; settles claims of tweets never posted."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from core.auth.tokens import utc_now
from core.errors import UnavailableError
from core.ids import MediaId, TweetId
from datastore.media.stores import MediaStores
from datastore.tweets.edits import EditStore

EVERY_SECONDS = 5.0
UNUSED_KEPT = timedelta(hours=24)
CLAIM_KEPT = timedelta(minutes=10)
_AT_ONCE = 100
_log = structlog.get_logger()


class MediaCleaner:
    """Any number may run: each step may be repeated."""

    def __init__(self, media: MediaStores, edits: EditStore, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._media, self._edits, self._every_seconds = media, edits, every_seconds

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.clean()
            except UnavailableError as error:
                _log.warning("cleaning of pictures put off", error=repr(error))
            except Exception:  # noqa: BLE001 - the workers beside it must not end with it
                _log.exception("cleaning of pictures failed, will be tried again")
            try:
                await asyncio.wait_for(stop.wait(), self._every_seconds)
            except TimeoutError:
                continue

    async def clean(self) -> None:
        now = utc_now()
        await self._media.items.remove_abandoned(now - UNUSED_KEPT)
        await self.settle_claims(await self._media.items.unposted(now - CLAIM_KEPT, _AT_ONCE))
        while removed := await self._media.items.removed(_AT_ONCE):
            await self._delete_files(removed)

    async def settle_claims(self, tweet_ids: Sequence[TweetId]) -> None:
        versions = await self._edits.versions(tweet_ids)
        for tweet_id in tweet_ids:
            shown = {one for version in versions.get(tweet_id, ()) for one in version.media}
            await self._media.items.settle(tweet_id, shown)

    async def _delete_files(self, removed: Sequence[MediaId]) -> None:
        """Files first: a row without files is found again, files without a row by `datastore media --verify` alone."""
        for media_id in removed:
            await self._media.storage.delete_of(media_id)
        await self._media.items.forget(*removed)
