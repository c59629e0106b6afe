"""Existence locks: within its transaction an act locks the accounts that it depends on.

An act and a concurrent deletion, protection change or block write the same document, so one of the two waits. What the
request checked before the transaction may have changed since.
"""

from collections.abc import Mapping
from typing import Any

from core.ids import UserId
from datastore.mongo.client import Mongo

NOT_DELETED = {"is_deleted": {"$ne": True}}


class GoneError(Exception):
    """An account or tweet that the act depends on is gone or has changed since it was checked; `gone` is its id."""

    def __init__(self, gone: int) -> None:
        super().__init__(gone)
        self.gone = gone


def of_generation(number: int) -> Mapping[str, Any]:
    """Filter for accounts whose password was changed so often; those of before have no such field."""
    return {"sign_in_generation": number or {"$in": [0, None]}}


async def lock_existing_user(mongo: Mongo, session: Any, user_id: UserId, act_id: int, **state: bool) -> None:
    """Raises GoneError unless the account exists and its fields equal `state`."""
    query = {"_id": user_id, **NOT_DELETED, **state}
    result = await mongo.collection("users").update_one(query, {"$set": {"held": act_id}}, session=session)
    if not result.matched_count:
        raise GoneError(user_id)


async def ensure_user_exists(mongo: Mongo, session: Any, user_id: UserId, **state: bool) -> None:
    """Like `lock_existing_user` without the lock, for accounts that many acts depend on at once.

    An account deleted at the same moment may miss the act; the worker that counts the act then takes it back.
    """
    query = {"_id": user_id, **NOT_DELETED, **state}
    if await mongo.collection("users").find_one(query, {"_id": 1}, session=session) is None:
        raise GoneError(user_id)


async def ensure_not_blocked(mongo: Mongo, session: Any, one: UserId, other: UserId) -> None:
    """Raises GoneError if either user blocks the other. The caller holds the lock of one of the two."""
    blocks = [{"user": one, "target": other}, {"user": other, "target": one}]
    if await mongo.collection("blocks").find_one({"$or": blocks}, {"_id": 1}, session=session) is not None:
        raise GoneError(other)
