"""Decisions that stand about a person, in the field `moderation` of their document: the decision's id by its effect.

Each function runs within the transaction of its decision; what follows from it is done by
workers/moderation/people.py.
"""

from typing import Any

from core.ids import UserId
from datastore.mongo.client import Mongo
from datastore.records.users import LIMITED, SUSPENDED


async def suspend(mongo: Mongo, session: Any, user_id: UserId, decision_id: int) -> None:
    await _set(mongo, session, user_id, SUSPENDED, decision_id)


async def unsuspend(mongo: Mongo, session: Any, user_id: UserId, decision_id: int) -> None:
    await _unset(mongo, session, user_id, SUSPENDED, decision_id)


async def limit(mongo: Mongo, session: Any, user_id: UserId, decision_id: int) -> None:
    await _set(mongo, session, user_id, LIMITED, decision_id)


async def unlimit(mongo: Mongo, session: Any, user_id: UserId, decision_id: int) -> None:
    await _unset(mongo, session, user_id, LIMITED, decision_id)


async def _set(mongo: Mongo, session: Any, user_id: UserId, field: str, decision_id: int) -> None:
    await mongo.collection("users").update_one({"_id": user_id}, {"$set": {field: decision_id}}, session=session)


async def _unset(mongo: Mongo, session: Any, user_id: UserId, field: str, decision_id: int) -> None:
    """Leaves the field of another decision."""
    query = {"_id": user_id, field: decision_id}
    await mongo.collection("users").update_one(query, {"$unset": {field: 1}}, session=session)
