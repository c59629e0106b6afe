"""Quarantine of handles: a handle that was given up is nobody else's for 90 days."""

from datetime import timedelta
from typing import Any, Final

from core.auth.tokens import utc_now
from datastore.mongo.client import Mongo

FORMER_HANDLES: Final = "former_handles"
QUARANTINE: Final = timedelta(days=90)


async def is_quarantined(mongo: Mongo, key: str, session: Any = None) -> bool:
    query = {"_id": key, "until": {"$gt": utc_now()}}
    return await mongo.collection(FORMER_HANDLES).find_one(query, {"_id": 1}, session=session) is not None


async def quarantine(mongo: Mongo, key: str, session: Any) -> None:
    """Within the transaction of a deletion; the handle leads to nobody."""
    row = {"until": utc_now() + QUARANTINE}
    await mongo.collection(FORMER_HANDLES).replace_one({"_id": key}, row, upsert=True, session=session)
