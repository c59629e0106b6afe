"""Sessions. Each lives until it is ended or its refresh token expires; `generation` reveals used refresh tokens.

Whoever ends sessions leaves a job in the outbox until Redis has forgotten them, in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import structlog
from redis.asyncio import Redis

from core.auth.tokens import REFRESH_LIFETIME, utc_now
from core.devices import Device
from core.errors import UnavailableError
from core.ids import SessionId, SnowflakeMaker, UserId
from datastore.auth.session_records import SessionRecord, time_of_use, to_session, use_of
from datastore.cache.pending_read import PendingRead
from datastore.cache.rows import STALE_SECONDS, RowCache
from datastore.jobs.jobs import EndSessions
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED, GoneError, of_generation
from datastore.records.users import NOT_SUSPENDED
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable
from datastore.redis.node.pipeline import CommandPipeline

REUSE_GRACE: Final = timedelta(seconds=10)
"""A refresh token that is used again within this time belongs to a second tab, or to a client that lost the answer."""
MOST_SESSIONS: Final = 100
"""Sessions of one person."""
PUSH_SUBSCRIPTIONS: Final = "push_subscriptions"
"""Documents with the ids of sessions, which go with them: datastore/push/subscriptions.py."""
_log = structlog.get_logger()


_CACHE_TTL_SECONDS = 60


class SessionStore:
    """MongoDB holds the sessions; a cached row answers whether the session of an access token is active."""

    def __init__(
        self, mongo: Mongo, redis: Redis, pipeline: CommandPipeline, *, outbox: Outbox, ids: SnowflakeMaker
    ) -> None:
        self._mongo, self._sessions, self._users = mongo, mongo.collection("sessions"), mongo.collection("users")
        self._push_subscriptions = mongo.collection(PUSH_SUBSCRIPTIONS)
        self._redis, self._outbox, self._ids = redis, outbox, ids
        self._rows = RowCache[SessionId, SessionRecord](
            pipeline,
            SessionRecord,
            key=keys.session,
            load=self._load,
            ttl_seconds=_CACHE_TTL_SECONDS,
            stale_seconds=STALE_SECONDS,
        )

    @property
    def rows(self) -> RowCache[SessionId, SessionRecord]:
        """The cache of the sessions."""
        return self._rows

    async def insert(
        self,
        session_id: SessionId,
        user_id: UserId,
        device: Device,
        *,
        is_unverified: bool = False,
        sign_in_generation: int = 0,
    ) -> SessionRecord:
        """`sign_in_generation`: of the account as its password was checked.

        Raises GoneError if the password was changed since, or the account is gone or suspended.
        """
        now = utc_now()
        record = SessionRecord(session_id, user_id, device, now, now, generation=0, is_unverified=is_unverified)
        row = {"_id": session_id, "user": user_id, "generation": 0, "device": msgspec.to_builtins(device)}
        if is_unverified:
            row["is_unverified"] = True
        row |= {"created_at": now, "last_used_at": now, "expires_at": now + REFRESH_LIFETIME}

        async def insert(session: Any) -> None:
            which = {"_id": user_id, **NOT_DELETED, **NOT_SUSPENDED, **of_generation(sign_in_generation)}
            locked = await self._users.update_one(which, {"$set": {"held": session_id}}, session=session)
            if not locked.matched_count:
                raise GoneError(user_id)
            await self._sessions.insert_one({**row, "sign_in_generation": sign_in_generation}, session=session)

        with away_as_unavailable():
            await self._mongo.in_transaction(insert, changing=(user_id,))
        return record

    async def get(self, session_id: SessionId) -> SessionRecord | None:
        """None if the session has ended. `generation` and `last_used_at` may be up to a minute old."""
        return (await self._rows.get_many([session_id]))[0]

    def begin_read(self, session_id: SessionId, since: float) -> PendingRead[SessionId, SessionRecord]:
        """Begins `get`, for `resolve_reads`. The row is as of `since` (monotonic seconds) or later."""
        return self._rows.begin_read([session_id], since)

    async def rotate(self, session_id: SessionId, generation: int) -> datetime | None:
        """Uses the refresh token of this generation. Returns when it was first used: now, or at most 10 s ago.

        None if it was used before that, or the session has ended. A generation later than that of the row was issued
        after the backup that the row was restored from: it is unused, and the row catches up with it.
        """
        now = utc_now()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as MongoDB stores it
        query = {"_id": session_id, "expires_at": {"$gt": now}}
        with away_as_unavailable():
            if not await self._is_of_newest_sign_in(session_id):
                return None
            result = await self._sessions.update_one(
                {**query, "generation": {"$lte": generation}}, use_of(generation, now)
            )
            if result.modified_count:
                return now
            row = await self._sessions.find_one(query, {"generation": 1, "rotations": 1})
        used_at = None if row is None else time_of_use(row, generation)
        return used_at if used_at is not None and now - used_at <= REUSE_GRACE else None

    async def of_user(self, user_id: UserId) -> list[SessionRecord]:
        """Active sessions, the last used first."""
        with away_as_unavailable():
            found = self._sessions.find({"user": user_id, "expires_at": {"$gt": utc_now()}}).sort("last_used_at", -1)
            return [to_session(row) async for row in found]

    async def delete_oldest(self, user_id: UserId) -> None:
        """Ends the sessions that the user opened first, until MOST_SESSIONS are left."""
        with away_as_unavailable():
            found = (
                self._sessions.find({"user": user_id}, {"_id": 1})
                .sort([("created_at", -1), ("_id", -1)])
                .skip(MOST_SESSIONS)
            )
            surplus = [SessionId(row["_id"]) async for row in found]
        if surplus:
            await self.delete(*surplus)

    async def verified(self, user_id: UserId) -> None:
        """The user's address is verified: their sessions may do everything at once."""
        query = {"user": user_id, "is_unverified": True}
        with away_as_unavailable():
            changed = [SessionId(row["_id"]) async for row in self._sessions.find(query, {"_id": 1})]
            await self._sessions.update_many({"_id": {"$in": changed}}, {"$unset": {"is_unverified": 1}})
        await self._rows.invalidate(*changed)

    async def delete(self, *session_ids: SessionId) -> int:
        """Ends sessions; refresh and access tokens are refused at once. Returns how many existed."""

        async def delete(session: Any) -> EndSessions | None:
            return await self._delete_within(session, {"_id": {"$in": list(session_ids)}})

        with away_as_unavailable():
            ended: EndSessions | None = await self._mongo.in_transaction(delete) if session_ids else None
        if ended is None:
            return 0
        await self.announce_end(ended)
        return len(ended.session_ids)

    async def end_all_within(
        self, session: Any, user_id: UserId, *, keep: SessionId | None = None
    ) -> EndSessions | None:
        """Ends the user's sessions, but `keep`, within a larger transaction; then call `announce_end`.

        None if there were none.
        """
        return await self._delete_within(session, {"user": user_id, "_id": {"$ne": keep}})

    async def carry_over_within(self, session: Any, session_id: SessionId, sign_in_generation: int) -> None:
        """Makes a session one of the account's new generation, within the transaction that changes the password."""
        change = {"$set": {"sign_in_generation": sign_in_generation}}
        await self._sessions.update_one({"_id": session_id}, change, session=session)

    async def announce_end(self, job: EndSessions | None) -> None:
        """Tells caches and sockets. Never raises UnavailableError: what Redis did not take, the job repeats."""
        if job is None:
            return
        try:
            await self.forget_ended(job)
            await self._outbox.finish(job)
        except UnavailableError as error:
            _log.warning("end of sessions not told", error=repr(error))

    async def forget_ended(self, job: EndSessions) -> None:
        """Makes Redis forget them, and tells their sockets. Raises UnavailableError unless Redis took it."""
        with failures_as_unavailable():
            await self._rows.forget(*job.session_ids)
            for session_id in job.session_ids:
                await self._redis.spublish(keys.session_channel(session_id), b"ended")

    async def _delete_within(self, session: Any, which: Document) -> EndSessions | None:
        found = self._sessions.find(which, {"_id": 1}, session=session)
        ended = tuple([SessionId(row["_id"]) async for row in found])
        if not ended:
            return None
        for collection in (self._sessions, self._push_subscriptions):
            await collection.delete_many({"_id": {"$in": list(ended)}}, session=session)
        job = EndSessions(self._ids(), ended)
        await self._outbox.add(session, job)
        return job

    async def _is_of_newest_sign_in(self, session_id: SessionId) -> bool:
        """Whether the session exists, and the password is still the one by which it began."""
        row = await self._sessions.find_one({"_id": session_id}, {"user": 1, "sign_in_generation": 1})
        if row is None:
            return False
        which = {"_id": row["user"], **NOT_DELETED, **NOT_SUSPENDED, **of_generation(row.get("sign_in_generation", 0))}
        return await self._users.find_one(which, {"_id": 1}) is not None

    async def _load(self, ids: Sequence[SessionId]) -> dict[SessionId, SessionRecord]:
        await self._mongo.ensure_reachable()
        with away_as_unavailable():
            found = self._sessions.find({"_id": {"$in": list(ids)}, "expires_at": {"$gt": utc_now()}})
            return {SessionId(row["_id"]): to_session(row) async for row in found}
