"""What an act rests on is held within its transaction: the act and what ends that collide, and one of them waits.

What was looked at before the transaction may have ended since: an account, its protection, peace between two people.
"""

from collections.abc import Mapping
from typing import Any

from pymongo import UpdateOne

from core.ids import UserId
from datastore.mongo.client import Mongo

STANDS = {"is_deleted": {"$ne": True}}


class GoneError(Exception):
    """What the act rests on has ended since it was looked at; `gone` is the id of it."""

    def __init__(self, gone: int) -> None:
        super().__init__(gone)
        self.gone = gone


async def hold_person(mongo: Mongo, session: Any, user_id: UserId, act_id: int, **state: bool) -> None:
    """Raises GoneError unless the account stands, and is as `state` says."""
    query = {"_id": user_id, **STANDS, **state}
    result = await mongo.collection("users").update_one(query, {"$set": {"held": act_id}}, session=session)
    if not result.matched_count:
        raise GoneError(user_id)


async def see_person(mongo: Mongo, session: Any, user_id: UserId, **state: bool) -> None:
    """As `hold_person`, of somebody on whom many acts rest: what ends at this very moment may end before or after it.

    Whoever counts the act finds an account that ended before, and takes the act back.
    """
    query = {"_id": user_id, **STANDS, **state}
    if await mongo.collection("users").find_one(query, {"_id": 1}, session=session) is None:
        raise GoneError(user_id)


async def hold_people(mongo: Mongo, session: Any, acts: Mapping[UserId, int]) -> None:
    """As `hold_person`, for an act of each."""
    holds = [UpdateOne({"_id": user_id, **STANDS}, {"$set": {"held": act_id}}) for user_id, act_id in acts.items()]
    result = await mongo.collection("users").bulk_write(holds, ordered=False, session=session)
    if result.matched_count < len(holds):
        raise GoneError(0)


async def hold_peace(mongo: Mongo, session: Any, one: UserId, other: UserId) -> None:
    """For who holds one of the two. Raises GoneError where either blocks the other."""
    blocks = [{"user": one, "target": other}, {"user": other, "target": one}]
    if await mongo.collection("blocks").find_one({"$or": blocks}, {"_id": 1}, session=session) is not None:
        raise GoneError(other)
