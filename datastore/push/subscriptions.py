"""Push subscriptions: for each session one address of a push service at most, with the keys to encrypt for its device.

A subscription has the id of its session and goes with it, in the transaction that ends the session. One that was left
behind, since the session ran out or ended as the subscription was made, is given to nobody.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import msgspec

from core.auth.tokens import utc_now
from core.ids import SessionId, UserId, wall_ms
from datastore.auth.sessions import PUSH_SUBSCRIPTIONS
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.notifications.reader import NotificationAudience, NotificationKind

MOST_SUBSCRIPTIONS: Final = 20
"""Subscriptions of one person."""


class PushSubscriptionRecord(msgspec.Struct, frozen=True):
    """`audiences`: from whom the device is told of a kind, where that is not everybody.

    `server_key`: the public key of the installation for which the browser made it. `failures`: attempts that failed
    since the last that did not, `refusals` those among them that the service answered; nothing is sent before
    `rests_until`, Unix time in ms.
    """

    id: SessionId
    user_id: UserId
    endpoint: str
    p256dh: bytes
    auth: bytes
    server_key: str
    audiences: Mapping[NotificationKind, NotificationAudience]
    created_at: datetime
    failures: int = 0
    refusals: int = 0
    rests_until: int = 0

    def audience(self, kind: NotificationKind) -> NotificationAudience:
        return self.audiences.get(kind, NotificationAudience.EVERYONE)


class PushSubscriptionStore:
    def __init__(self, mongo: Mongo) -> None:
        self._subscriptions = mongo.collection(PUSH_SUBSCRIPTIONS)
        self._sessions = mongo.collection("sessions")

    async def put(self, record: PushSubscriptionRecord) -> bool:
        """Replaces that of the session, and takes the same browser away from other sessions, whoever's they are.

        False, and nothing is kept, if the person has MOST_SUBSCRIPTIONS already.
        """
        row = _to_document(record)
        with away_as_unavailable():
            before = await self._subscriptions.find_one_and_replace({"_id": record.id}, row, upsert=True)
            if before is None and await self._is_one_too_many(record):
                return False
            await self._subscriptions.delete_many({"browser": row["browser"], "_id": {"$ne": record.id}})
        return True

    async def get(self, session_id: SessionId) -> PushSubscriptionRecord | None:
        with away_as_unavailable():
            row = await self._subscriptions.find_one({"_id": session_id})
        return None if row is None else _to_record(row)

    async def get_many(self, session_ids: Sequence[SessionId]) -> list[PushSubscriptionRecord | None]:
        """In the order of the ids; None for one whose session has ended, which goes."""
        which = {"_id": {"$in": list(session_ids)}}
        with away_as_unavailable():
            found = {row["_id"]: _to_record(row) async for row in self._subscriptions.find(which)}
            sessions = self._sessions.find({**which, "expires_at": {"$gt": utc_now()}}, {"_id": 1})
            active = {row["_id"] async for row in sessions} if found else set()
            if ended := found.keys() - active:
                await self._subscriptions.delete_many({"_id": {"$in": list(ended)}})
        return [found[one] if one in found and one in active else None for one in session_ids]

    async def of_user(self, user_id: UserId) -> list[PushSubscriptionRecord]:
        """Newest session first."""
        with away_as_unavailable():
            found = self._subscriptions.find({"user": user_id}).sort("_id", -1)
            return [_to_record(row) async for row in found]

    async def of_users(self, user_ids: Collection[UserId]) -> dict[UserId, list[SessionId]]:
        """The subscriptions of those who have any."""
        owned: dict[UserId, list[SessionId]] = {}
        with away_as_unavailable():
            async for row in self._subscriptions.find({"user": {"$in": list(user_ids)}}, {"user": 1}):
                owned.setdefault(UserId(row["user"]), []).append(SessionId(row["_id"]))
        return owned

    async def set_audiences(
        self, user_id: UserId, session_id: SessionId, audiences: Mapping[NotificationKind, NotificationAudience]
    ) -> PushSubscriptionRecord | None:
        """Changes those that are given. None if the user has no such subscription."""
        change = {f"audiences.{kind}": str(audience) for kind, audience in audiences.items()}
        with away_as_unavailable():
            row = await self._subscriptions.find_one_and_update(
                {"_id": session_id, "user": user_id}, {"$set": {"user": user_id, **change}}, return_document=True
            )
        return None if row is None else _to_record(row)

    async def delete(self, user_id: UserId, session_id: SessionId) -> bool:
        """Whether there was one."""
        with away_as_unavailable():
            gone = await self._subscriptions.delete_one({"_id": session_id, "user": user_id})
        return bool(gone.deleted_count)

    async def delete_endpoint(self, session_id: SessionId, endpoint: str) -> None:
        """For an address that serves no longer; a newer one of the session stays."""
        with away_as_unavailable():
            await self._subscriptions.delete_one({"_id": session_id, "endpoint": endpoint})

    async def delete_of(self, user_id: UserId) -> None:
        with away_as_unavailable():
            await self._subscriptions.delete_many({"user": user_id})

    async def note_failure(
        self, session_id: SessionId, endpoint: str, rests_ms: int, *, is_refusal: bool = False
    ) -> None:
        """Counts a failed attempt, after which the subscription rests."""
        change = {"$inc": {"failures": 1, "refusals": int(is_refusal)}, "$max": {"rests_until": wall_ms() + rests_ms}}
        with away_as_unavailable():
            await self._subscriptions.update_one({"_id": session_id, "endpoint": endpoint}, change)

    async def note_success(self, session_id: SessionId) -> None:
        change = {"$set": {"failures": 0, "refusals": 0, "rests_until": 0}}
        with away_as_unavailable():
            await self._subscriptions.update_one({"_id": session_id}, change)

    async def _is_one_too_many(self, record: PushSubscriptionRecord) -> bool:
        """Counted afterwards, so that of concurrent ones too few are kept rather than too many."""
        browser = _browser(record)
        which = {"user": record.user_id, "browser": {"$ne": browser}}
        if await self._subscriptions.count_documents(which, limit=MOST_SUBSCRIPTIONS) < MOST_SUBSCRIPTIONS:
            return False
        await self._subscriptions.delete_one({"_id": record.id, "browser": browser})
        return True


def _browser(record: PushSubscriptionRecord) -> bytes:
    """Equal for subscriptions of one browser alone: who names the address of another lacks its secret."""
    return sha256(b"\0".join((record.endpoint.encode(), record.p256dh, record.auth))).digest()


def _to_document(record: PushSubscriptionRecord) -> Document:
    return {
        "_id": record.id,
        "user": record.user_id,
        "browser": _browser(record),
        "endpoint": record.endpoint,
        "p256dh": record.p256dh,
        "auth": record.auth,
        "server_key": record.server_key,
        "audiences": {str(kind): str(audience) for kind, audience in record.audiences.items()},
        "created_at": record.created_at,
        "failures": 0,
        "refusals": 0,
        "rests_until": 0,
    }


def _to_record(row: Mapping[str, Any]) -> PushSubscriptionRecord:
    return PushSubscriptionRecord(
        SessionId(row["_id"]),
        UserId(row["user"]),
        row["endpoint"],
        bytes(row["p256dh"]),
        bytes(row["auth"]),
        row["server_key"],
        audiences={NotificationKind(kind): NotificationAudience(one) for kind, one in row["audiences"].items()},
        created_at=row["created_at"],
        failures=row["failures"],
        refusals=row["refusals"],
        rests_until=row["rests_until"],
    )
