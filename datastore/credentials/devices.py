"""Devices on which somebody has signed in. One that is not among them is told of by mail."""

from datetime import timedelta
from hashlib import blake2b
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from core.auth.tokens import utc_now
from core.ids import UserId
from datastore.credentials.addresses import Change, add_change
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Document, Mongo, away_as_unavailable

KNOWN_DEVICES: Final = "known_devices"
KNOWN_FOR: Final = timedelta(days=400)
_NOTED_AGAIN_AFTER: Final = timedelta(days=1)


class KnownDeviceStore:
    """`name`: what identifies a device of that user, such as the id that its client made; only hashes are stored."""

    def __init__(self, mongo: Mongo, outbox: Outbox) -> None:
        self._mongo, self._outbox = mongo, outbox
        self._devices = mongo.collection(KNOWN_DEVICES)

    async def is_known(self, user_id: UserId, name: str) -> bool:
        with away_as_unavailable():
            return await self._devices.find_one({"_id": _id(user_id, name)}, {"_id": 1}) is not None

    async def note(self, user_id: UserId, name: str, change: Change) -> bool:
        """Notes a sign-in; with `change` if the device is new, but not the first of its user. Returns whether it is."""
        now = utc_now()
        with away_as_unavailable():
            row = await self._devices.find_one({"_id": _id(user_id, name)}, {"at": 1})
            if row is not None:
                if now - row["at"] > _NOTED_AGAIN_AFTER:
                    await self._devices.update_one({"_id": row["_id"]}, {"$set": {"at": now}})
                return False
            try:
                return await self._mongo.in_transaction(
                    lambda session: self._add(session, {"_id": _id(user_id, name), "user": user_id, "at": now}, change)
                )
            except DuplicateKeyError:
                return False  # noted by a sign-in beside this one

    async def delete_of(self, user_id: UserId) -> None:
        with away_as_unavailable():
            await self._devices.delete_many({"user": user_id})

    async def _add(self, session: Any, row: Document, change: Change) -> bool:
        is_first = await self._devices.find_one({"user": row["user"]}, {"_id": 1}, session=session) is None
        await self._devices.insert_one(row, session=session)
        if is_first:
            return False
        await add_change(self._outbox, session, change)
        return True


def _id(user_id: UserId, name: str) -> str:
    return f"{user_id}:{blake2b(name.encode(errors='replace'), digest_size=16).hexdigest()}"
