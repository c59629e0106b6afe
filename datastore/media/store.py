"""Rows of pictures. A row that is `removed` is seen by nobody; it stays until its files are gone.

Two rows change together where an upload has arrived: the picture's state, and the outbox entry of its processing. A
tweet claims its pictures before it is posted, or edited. Until that is confirmed they are `unposted`:
workers/media/cleaning.py takes back what was claimed for a post or an edit that never was.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from core.auth.tokens import utc_now
from core.ids import MediaId, TweetId, UserId
from datastore.cache.local import Entry
from datastore.cache.pending_read import PendingRead
from datastore.cache.rows import RowCache
from datastore.jobs.jobs import ProcessMedia
from datastore.jobs.outbox import Outbox
from datastore.media.records import MediaRecord, MediaState, MediaUse, Processed, to_media
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.redis import keys
from datastore.redis.node.pipeline import CommandPipeline

COLLECTION: Final = "media"
_TTL_SECONDS = 3_600
_REMOVED: Final[Document] = {"removed": True}
_KEPT: Final[Document] = {"removed": {"$exists": False}}
_UNUSED: Final[Document] = {"unused": True}
_CONFIRMED: Final[Document] = {"$unset": {"unposted": 1, "claimed_by": 1}}
_BEGINNING: Final = datetime.fromtimestamp(0, UTC)


class Claim(NamedTuple):
    """Pictures of `owner` for a tweet; `act_id` is the edit that shows them, or the tweet's own id."""

    owner: UserId
    tweet_id: TweetId
    act_id: int


class MediaStore:
    """Read through the cache."""

    def __init__(self, mongo: Mongo, pipeline: CommandPipeline, outbox: Outbox) -> None:
        self._mongo, self._outbox = mongo, outbox
        self._media = mongo.collection(COLLECTION)
        self._rows = RowCache[MediaId, MediaRecord](
            pipeline, MediaRecord, key=keys.media, load=self._load, ttl_seconds=_TTL_SECONDS
        )

    async def get_many(self, ids: Sequence[MediaId], since: float | None = None) -> list[MediaRecord | None]:
        """In the order of the ids, None for one that is missing or removed; as of `since` or later, None: now."""
        return await self._rows.get_many(ids, since)

    def local_rows(self, ids: Collection[MediaId], since: float) -> list[MediaRecord] | None:
        """In the order of the ids, if this process knows all to be as of `since` (monotonic seconds) or later."""
        return self._rows.local_rows(ids, since)

    def local_entries(self, ids: Collection[MediaId], now: float) -> list[Entry[MediaRecord]] | None:
        """In the order of the ids, to be confirmed by a read barrier; None unless all are in memory.

        `now`: by `time.monotonic`.
        """
        entries = [self._rows.local_entry(id_, now) for id_ in ids]
        kept = [entry for entry in entries if entry is not None and entry.row is not None]
        return kept if len(kept) == len(entries) else None

    async def get(self, media_id: MediaId) -> MediaRecord | None:
        return (await self._rows.get_many([media_id]))[0]

    def begin_read(self, ids: Sequence[MediaId], since: float) -> PendingRead[MediaId, MediaRecord]:
        """Begins `get_many`, for `resolve_reads`."""
        return self._rows.begin_read(ids, since)

    async def insert(self, media: MediaRecord) -> None:
        row = {
            "_id": media.id,
            "owner": media.owner_id,
            "state": media.state,
            "content_type": media.content_type,
            "byte_length": media.byte_length,
            "sha256": media.sha256,
            "secret": media.secret,
            "alt_text": media.alt_text,
            "unused": True,
            "at": utc_now(),
        }
        with away_as_unavailable():
            await self._media.insert_one(row)

    async def count_unused(self, owner: UserId) -> int:
        with away_as_unavailable():
            count: int = await self._media.count_documents({"owner": owner, **_UNUSED})
        return count

    async def arrived(self, job: ProcessMedia) -> bool:
        """The bytes of a WAITING picture are in the storage. False if it waits for none."""

        async def act(session: Any) -> bool:
            query = {"_id": job.media_id, "state": MediaState.WAITING, **_KEPT}
            found = await self._media.update_one(query, {"$set": {"state": MediaState.PROCESSING}}, session=session)
            if found.matched_count:
                await self._outbox.add(session, job)
            return bool(found.matched_count)

        with away_as_unavailable():
            has_arrived = await self._mongo.in_transaction(act)
        await self._rows.invalidate(job.media_id)
        return has_arrived

    async def processed(self, media_id: MediaId, result: Processed | str) -> bool:
        """READY, or FAILED with a sentence. False if it is PROCESSING no more."""
        change: Document = {"state": MediaState.FAILED, "failure": result}
        if isinstance(result, Processed):
            change = {"state": MediaState.READY, **msgspec.to_builtins(result)}
        return await self._change({"_id": media_id, "state": MediaState.PROCESSING}, {"$set": change}, media_id)

    async def lose(self, media_id: MediaId, sentence: str) -> None:
        """A READY picture whose files are gone is FAILED."""
        change: Document = {"$set": {"state": MediaState.FAILED, "failure": sentence}, "$unset": {"variants": 1}}
        await self._change({"_id": media_id, "state": MediaState.READY}, change, media_id)

    async def describe(self, media_id: MediaId, owner: UserId, alt_text: str | None) -> bool:
        """False if this owner has no such picture."""
        return await self._change({"_id": media_id, "owner": owner}, {"$set": {"alt_text": alt_text}}, media_id)

    async def claim(self, ids: Sequence[MediaId], claim: Claim) -> bool:
        """Gives unused pictures of the owner, READY or PROCESSING, to a tweet: all of them, or none (False)."""
        states = [MediaState.READY, MediaState.PROCESSING]
        query = {"_id": {"$in": list(ids)}, "owner": claim.owner, "state": {"$in": states}, **_UNUSED}
        with away_as_unavailable():
            use = {"use": MediaUse.TWEET, "tweet": claim.tweet_id, "unposted": utc_now(), "claimed_by": claim.act_id}
            change = {"$set": use, "$unset": {"unused": 1}}
            claimed = (await self._media.update_many(query, change)).modified_count
        if claimed < len(ids):
            await self.release(claim)
            return False
        await self._rows.invalidate(*ids)
        return True

    async def release(self, claim: Claim) -> None:
        """Takes the pictures back that were claimed for what was not posted."""
        await self._take_back({"tweet": claim.tweet_id, "claimed_by": claim.act_id})

    async def confirm(self, claim: Claim) -> None:
        """Keeps the claim for good: its tweet was posted."""
        with away_as_unavailable():
            await self._media.update_many({"tweet": claim.tweet_id, "claimed_by": claim.act_id}, _CONFIRMED)

    async def settle(self, tweet_id: TweetId, shown: Collection[MediaId]) -> None:
        """Ends all claims for a tweet: pictures of `shown` are its own, the others are taken back."""
        with away_as_unavailable():
            await self._media.update_many({"tweet": tweet_id, "_id": {"$in": list(shown)}}, _CONFIRMED)
        await self._take_back({"tweet": tweet_id, "unposted": {"$gt": _BEGINNING}})

    async def use_on_profile(self, media_id: MediaId, owner: UserId, use: MediaUse) -> MediaRecord | None:
        """Makes a READY, unused picture the owner's avatar or banner; one in that use stays. None for any other."""
        query = {"_id": media_id, "owner": owner, "state": MediaState.READY, "$or": [_UNUSED, {"use": use}]}
        if not await self._change(query, {"$set": {"use": use}, "$unset": {"unused": 1}}, media_id):
            return None
        with away_as_unavailable():
            row = await self._media.find_one({"_id": media_id})
        return None if row is None else to_media(row)

    async def remove(self, *ids: MediaId) -> None:
        """Hides pictures at once; `forget` follows when their files are gone."""
        if not ids:
            return
        with away_as_unavailable():
            removal = {"$set": {"removed": True}, "$unset": {"unused": 1, "unposted": 1, "claimed_by": 1}}
            await self._media.update_many({"_id": {"$in": list(ids)}}, removal)
        await self._rows.invalidate(*ids)

    async def remove_of_tweet(self, tweet_id: TweetId) -> list[MediaId]:
        return await self._remove_where({"tweet": tweet_id})

    async def remove_of(self, owner: UserId) -> list[MediaId]:
        return await self._remove_where({"owner": owner})

    async def remove_abandoned(self, before: datetime) -> list[MediaId]:
        """Unused pictures whose upload was asked for before this instant."""
        return await self._remove_where({**_UNUSED, "at": {"$lt": before}})

    async def forget(self, *ids: MediaId) -> None:
        """Deletes rows of removed pictures."""
        with away_as_unavailable():
            await self._media.delete_many({"_id": {"$in": list(ids)}, **_REMOVED})

    async def removed(self, limit: int) -> list[MediaId]:
        """Pictures whose files are to be deleted."""
        with away_as_unavailable():
            found = self._media.find(_REMOVED, {"_id": 1}).limit(limit)
            return [MediaId(row["_id"]) async for row in found]

    async def unposted(self, before: datetime, limit: int) -> list[TweetId]:
        """Tweets that claimed pictures before this instant, and are not confirmed."""
        with away_as_unavailable():
            found = self._media.find({"unposted": {"$lt": before}}, {"tweet": 1}).limit(limit)
            return list(dict.fromkeys([TweetId(row["tweet"]) async for row in found]))

    async def all_rows(self, after: int, limit: int) -> list[MediaRecord]:
        """Existing pictures with ids above `after`, in ascending order."""
        with away_as_unavailable():
            found = self._media.find({"_id": {"$gt": after}, **_KEPT}).sort("_id", 1).limit(limit)
            return [to_media(row) async for row in found]

    async def _take_back(self, query: Document) -> None:
        with away_as_unavailable():
            ids = await self._ids(query)
            taken_back = {"$set": {"unused": True}, "$unset": {"use": 1, "tweet": 1, "unposted": 1, "claimed_by": 1}}
            await self._media.update_many(query, taken_back)
        await self._rows.invalidate(*ids)

    async def _remove_where(self, query: Document) -> list[MediaId]:
        with away_as_unavailable():
            ids = await self._ids(query)
        await self.remove(*ids)
        return ids

    async def _ids(self, query: Document) -> list[MediaId]:
        return [MediaId(row["_id"]) async for row in self._media.find(query, {"_id": 1})]

    async def _change(self, query: Document, change: Document, media_id: MediaId) -> bool:
        with away_as_unavailable():
            found = await self._media.update_one({**_KEPT, **query}, change)
        await self._rows.invalidate(media_id)
        return bool(found.matched_count)

    async def _load(self, ids: Sequence[MediaId]) -> dict[MediaId, MediaRecord]:
        with away_as_unavailable():
            found = self._media.find({"_id": {"$in": list(ids)}, **_KEPT})
            return {MediaId(row["_id"]): to_media(row) async for row in found}
