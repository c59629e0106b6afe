"""Scoped tokens. MongoDB holds each with the hash of its secret until it is revoked or has run out."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import structlog
from redis.asyncio import Redis

from core.auth.scopes import Scope
from core.auth.tokens import utc_now
from core.errors import UnavailableError
from core.ids import AccessTokenId, SnowflakeMaker, UserId
from datastore.auth.suspended import suspended_among
from datastore.cache.pending_read import PendingRead
from datastore.cache.rows import STALE_SECONDS, RowCache
from datastore.jobs.jobs import EndAccessTokens
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable
from datastore.redis.node.pipeline import CommandPipeline

MOST_TOKENS: Final = 100
"""Tokens of one person."""
_CACHE_TTL_SECONDS = 60
_log = structlog.get_logger()
_USES_NOTED_EVERY: Final = timedelta(minutes=5)


class AccessTokenRecord(msgspec.Struct, frozen=True):
    """`digest` is the hash of the secret; `origin` is None if pages of every origin may use it."""

    id: AccessTokenId
    user_id: UserId
    name: str
    scopes: tuple[Scope, ...]
    digest: bytes
    origin: str | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None


class AccessTokenStore:
    """Tokens are looked up by id through a cache, as sessions are."""

    def __init__(
        self, mongo: Mongo, redis: Redis, pipeline: CommandPipeline, *, outbox: Outbox, ids: SnowflakeMaker
    ) -> None:
        self._mongo, self._tokens, self._redis = mongo, mongo.collection("access_tokens"), redis
        self._outbox, self._ids = outbox, ids
        self._rows = RowCache[AccessTokenId, AccessTokenRecord](
            pipeline,
            AccessTokenRecord,
            key=keys.access_token,
            load=self._load,
            ttl_seconds=_CACHE_TTL_SECONDS,
            stale_seconds=STALE_SECONDS,
        )

    async def insert(self, record: AccessTokenRecord) -> bool:
        """False, and nothing is kept, if the person has MOST_TOKENS already."""
        with away_as_unavailable():
            await self._tokens.insert_one(_to_document(record))
            # Counted afterwards, so that of concurrent ones too few are kept rather than too many.
            if await self._tokens.count_documents({"user": record.user_id}, limit=MOST_TOKENS + 1) <= MOST_TOKENS:
                return True
        await self.delete(record.user_id, record.id)
        return False

    @property
    def rows(self) -> RowCache[AccessTokenId, AccessTokenRecord]:
        """The cache of the tokens."""
        return self._rows

    async def get(self, token_id: AccessTokenId) -> AccessTokenRecord | None:
        """None if it was revoked, has run out, or its user is suspended. `last_used_at` may be minutes old."""
        return (await self._rows.get_many([token_id]))[0]

    def begin_read(self, token_id: AccessTokenId, since: float) -> PendingRead[AccessTokenId, AccessTokenRecord]:
        """Begins `get`, for `resolve_reads`. The row is as of `since` (monotonic seconds) or later."""
        return self._rows.begin_read([token_id], since)

    async def of_user(self, user_id: UserId) -> list[AccessTokenRecord]:
        """Those that serve, the newest first."""
        with away_as_unavailable():
            found = self._tokens.find({"user": user_id, "expires_at": {"$gt": utc_now()}}).sort("_id", -1)
            return [_to_record(row) async for row in found]

    async def note_use(self, record: AccessTokenRecord) -> None:
        """Sets `last_used_at`, at most every five minutes."""
        now = utc_now()
        if record.last_used_at is not None and now - record.last_used_at < _USES_NOTED_EVERY:
            return
        await self._mongo.ensure_reachable()
        with away_as_unavailable():
            await self._tokens.update_one({"_id": record.id}, {"$set": {"last_used_at": now}})
        await self._rows.invalidate(record.id)

    async def delete(self, user_id: UserId, *token_ids: AccessTokenId) -> int:
        """Revokes tokens of the user; they are refused at once. Returns how many there were.

        A job in the outbox, written in the same transaction, repeats what Redis did not take.
        """
        chosen = {"_id": {"$in": list(token_ids)}, "user": user_id}
        with away_as_unavailable():
            revoked: EndAccessTokens | None = await self._mongo.in_transaction(
                lambda session: self._delete_within(session, chosen)
            )
        await self.announce_end(revoked)
        return 0 if revoked is None else len(revoked.token_ids)

    async def end_all_within(self, session: Any, user_id: UserId) -> EndAccessTokens | None:
        """Ends all tokens of the user within a larger transaction; then call `announce_end`. None if there are none."""
        return await self._delete_within(session, {"user": user_id})

    async def delete_of(self, user_id: UserId) -> None:
        """Revokes all tokens of the user; repeatable."""
        with away_as_unavailable():
            found = [AccessTokenId(row["_id"]) async for row in self._tokens.find({"user": user_id}, {"_id": 1})]
        if found:
            await self.delete(user_id, *found)

    async def forget_ended(self, job: EndAccessTokens) -> None:
        """Makes Redis forget them, and tells their sockets. Raises UnavailableError unless Redis took it."""
        with failures_as_unavailable():
            await self._rows.forget(*job.token_ids)
            for token_id in job.token_ids:
                await self._redis.spublish(keys.access_token_channel(token_id), b"revoked")

    async def forget_all_within(self, session: Any, user_id: UserId) -> EndAccessTokens | None:
        """Within the transaction that suspends the user: leaves the job by which caches and sockets forget the tokens.

        None if there are none. They serve again once the suspension ends.
        """
        found = self._tokens.find({"user": user_id}, {"_id": 1}, session=session)
        token_ids = tuple([AccessTokenId(row["_id"]) async for row in found])
        return await self._add_job(session, token_ids) if token_ids else None

    async def announce_end(self, job: EndAccessTokens | None) -> None:
        """Tells caches and sockets. Never raises UnavailableError: what Redis did not take, the job repeats."""
        if job is None:
            return
        try:
            await self.forget_ended(job)
            await self._outbox.finish(job)
        except UnavailableError as error:
            _log.warning("revoked tokens not told", error=repr(error))

    async def _delete_within(self, session: Any, chosen: Document) -> EndAccessTokens | None:
        found = self._tokens.find(chosen, {"_id": 1}, session=session)
        ended = tuple([AccessTokenId(row["_id"]) async for row in found])
        if not ended:
            return None
        await self._tokens.delete_many(chosen, session=session)
        return await self._add_job(session, ended)

    async def _add_job(self, session: Any, ended: tuple[AccessTokenId, ...]) -> EndAccessTokens:
        job = EndAccessTokens(self._ids(), ended)
        await self._outbox.add(session, job)
        return job

    async def _load(self, ids: Sequence[AccessTokenId]) -> dict[AccessTokenId, AccessTokenRecord]:
        await self._mongo.ensure_reachable()
        with away_as_unavailable():
            found = self._tokens.find({"_id": {"$in": list(ids)}, "expires_at": {"$gt": utc_now()}})
            records = [_to_record(row) async for row in found]
            suspended = await suspended_among(self._mongo, {record.user_id for record in records})
        return {record.id: record for record in records if record.user_id not in suspended}


def _to_document(record: AccessTokenRecord) -> dict[str, Any]:
    return {
        "_id": record.id,
        "user": record.user_id,
        "name": record.name,
        "scopes": [scope.value for scope in record.scopes],
        "digest": record.digest,
        "origin": record.origin,
        "created_at": record.created_at,
        "expires_at": record.expires_at,
    }


def _to_record(row: Mapping[str, Any]) -> AccessTokenRecord:
    return AccessTokenRecord(
        AccessTokenId(row["_id"]),
        UserId(row["user"]),
        row["name"],
        tuple(map(Scope, row["scopes"])),
        bytes(row["digest"]),
        row["origin"],
        row["created_at"],
        row["expires_at"],
        row.get("last_used_at"),
    )
