"""Outbox of pushes: a document for each group of notifications and each device that is to be told of it.

`due`, Unix time in ms, stands in a document while something is to be sent; a worker that takes it moves `due` by a
lease, so that another takes over from a dead one. The document stays for a day, so that a device hears of each act of
a group once, and of one group not more often than every half minute.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from core.auth.tokens import utc_now
from core.ids import SessionId, UserId, wall_ms
from datastore.jobs.jobs import SendPush
from datastore.mongo.client import Document, Mongo, away_as_unavailable

PUSHES: Final = "pushes"
KEPT: Final = timedelta(days=1)
DELAY_MS: Final = 2_000
"""So long a notification waits for being read elsewhere."""
AGAIN_MS: Final = 30_000
"""A device is told again of the same group after this time at the earliest."""
_LEASE_MS: Final = 30_000


class PushRecord(NamedTuple):
    """A push that this process has taken. `told`: id of the newest act of which the device has heard, 0 if of none.

    `version`: of the newest change of the group that is to be told.
    """

    job: SendPush
    user_id: UserId
    version: int
    told: int


class Finished(NamedTuple):
    """The device has heard of acts up to `told`, or is to hear of nothing; then `told` is what it was.

    A change that came meanwhile is due later.
    """

    push: PushRecord
    told: int


class Deferred(NamedTuple):
    """The sweeper issues the push's job again after that Unix time."""

    push: PushRecord
    until_ms: int


class WantedPush(NamedTuple):
    """A change of a group that a device is to be told of."""

    subscription_id: SessionId
    user_id: UserId
    group_id: int
    version: int


class PushOutbox:
    def __init__(self, mongo: Mongo) -> None:
        self._pushes = mongo.collection(PUSHES)

    async def add(self, wanted: Sequence[WantedPush]) -> list[SendPush]:
        """Repeatable. Returns a job for each push; several changes of a group that come close are one push."""
        if not wanted:
            return []
        now = wall_ms()
        with away_as_unavailable():
            await self._write([_addition(one, now) for one in wanted])
            ids = list({_id(one.subscription_id, one.group_id) for one in wanted})
            return [_job(row) async for row in self._pushes.find({"_id": {"$in": ids}, "due": {"$gt": 0}})]

    async def take(self, jobs: Sequence[SendPush]) -> list[PushRecord | None]:
        """In the order given. None unless a push is due when its job says: another worker has it, or it was told."""
        wanted = {_id(job.subscription_id, job.group_id): job for job in jobs}
        token, now = secrets.token_bytes(12), wall_ms()
        which = {"_id": {"$in": list(wanted)}, "due": {"$in": list({job.due_ms for job in jobs})}}
        taken = {"$set": {"due": now + _LEASE_MS, "taken_by": token}}
        with away_as_unavailable():
            if not (await self._pushes.update_many(which, taken)).modified_count:
                return [None] * len(jobs)
            mine = self._pushes.find({"_id": {"$in": list(wanted)}, "taken_by": token})
            rows = {row["_id"]: row async for row in mine}
        found = {key: _to_record(wanted[key], row) for key, row in rows.items()}
        return [found.pop(_id(job.subscription_id, job.group_id), None) for job in jobs]

    async def conclude(self, concluded: Sequence[Finished | Deferred]) -> list[None]:
        """Notes how pushes that this process took went, by one command."""
        with away_as_unavailable():
            await self._pushes.bulk_write([_conclusion(one, wall_ms()) for one in concluded], ordered=False)
        return [None] * len(concluded)

    async def delete(self, job: SendPush) -> None:
        """For a device that is told of nothing more."""
        with away_as_unavailable():
            await self._pushes.delete_one({"_id": _id(job.subscription_id, job.group_id)})

    async def delete_of(self, user_id: UserId) -> None:
        with away_as_unavailable():
            await self._pushes.delete_many({"user": user_id})

    async def overdue(self, before_ms: int, limit: int) -> Sequence[SendPush]:
        """Jobs of pushes that were due before that Unix time, the longest due first."""
        with away_as_unavailable():
            found = self._pushes.find({"due": {"$gt": 0, "$lt": before_ms}}).sort("due", 1).limit(limit)
            return [_job(row) async for row in found]

    async def _write(self, additions: Sequence[UpdateOne]) -> None:
        """Repeated where another worker inserted one of them at this moment."""
        try:
            await self._pushes.bulk_write(additions, ordered=False)
        except BulkWriteError:
            await self._pushes.bulk_write(additions, ordered=False)


def _addition(one: WantedPush, now: int) -> UpdateOne:
    """Due after DELAY_MS, or at a later time at which it is due already or may be sent again."""
    again: Document = {"$add": [{"$ifNull": ["$sent_at", 0]}, AGAIN_MS]}
    changed: Document = {
        "user": one.user_id,
        "subscription": one.subscription_id,
        "group": one.group_id,
        "version": {"$max": ["$version", one.version]},
        "told": {"$ifNull": ["$told", 0]},
        "due": {"$ifNull": ["$due", {"$max": [now + DELAY_MS, again]}]},
        "at": utc_now(),
    }
    return UpdateOne({"_id": _id(one.subscription_id, one.group_id)}, [{"$set": changed}], upsert=True)


def _conclusion(one: Finished | Deferred, now: int) -> UpdateOne:
    if isinstance(one, Deferred):
        return UpdateOne({"_id": _id_of(one.push), "due": {"$gt": 0}}, {"$set": {"due": one.until_ms}})
    is_sent = one.told > one.push.told
    later = now + (AGAIN_MS if is_sent else DELAY_MS)
    due: Document = {"$cond": [{"$gt": ["$version", one.push.version]}, later, "$$REMOVE"]}
    sent: Document = {"sent_at": now} if is_sent else {}
    return UpdateOne({"_id": _id_of(one.push)}, [{"$set": {"due": due, "told": one.told, **sent}}])


def _id(subscription_id: SessionId, group_id: int) -> str:
    return f"{subscription_id}.{group_id}"


def _id_of(push: PushRecord) -> str:
    return _id(push.job.subscription_id, push.job.group_id)


def _job(row: Mapping[str, Any]) -> SendPush:
    return SendPush(SessionId(row["subscription"]), row["group"], row["due"])


def _to_record(job: SendPush, row: Mapping[str, Any]) -> PushRecord:
    return PushRecord(job, UserId(row["user"]), row["version"], row["told"])
