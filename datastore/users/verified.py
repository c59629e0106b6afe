"""Whether the operator of the service verified who somebody is."""

from typing import Any

from core.ids import UserId
from datastore.moderation.log import LogLine, append_to_log
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED


class VerifiedStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo, self._users = mongo, mongo.collection("users")

    async def set(self, user_id: UserId, line: LogLine, *, is_verified: bool) -> bool:
        """Writes the line of the log too, if that changes something. False if there is no such account.

        The caller invalidates the person's row.
        """

        async def change(session: Any) -> bool:
            query = {"_id": user_id, **NOT_DELETED}
            row = await self._users.find_one(query, {"is_verified": 1}, session=session)
            if row is not None and row["is_verified"] is not is_verified:
                await self._users.update_one(query, {"$set": {"is_verified": is_verified}}, session=session)
                await append_to_log(self._mongo, session, line)
            return row is not None

        with away_as_unavailable():
            return await self._mongo.in_transaction(change, changing=(user_id,))
