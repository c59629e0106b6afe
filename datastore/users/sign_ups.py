"""Sign-ups that wait for approval: accounts that nobody sees, marked by `waits`; handle and address are taken."""

from typing import Any, Final

from core.ids import UserId
from datastore.jobs.jobs import DeleteAccount
from datastore.jobs.outbox import Outbox
from datastore.moderation.log import LogLine, append_to_log
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED
from datastore.records.users import PROFILE, UserRecord, to_profile
from datastore.users.store import UserStore

_WAITING: Final = {"waits": True, "is_hidden": {"$ne": True}, **NOT_DELETED}


class SignUpStore:
    """Those that have to verify their address first are no part of the list."""

    def __init__(self, mongo: Mongo, outbox: Outbox, accounts: UserStore) -> None:
        self._mongo, self._outbox, self._accounts = mongo, outbox, accounts
        self._users = mongo.collection("users")

    async def waiting(self, after: int | None, limit: int) -> list[UserRecord]:
        """Oldest first, newer than `after`."""
        query: Document = _WAITING if after is None else {**_WAITING, "_id": {"$gt": after}}
        with away_as_unavailable():
            found = self._users.find(query, PROFILE).sort("_id", 1).limit(limit)
            return [to_profile(row) async for row in found]

    async def decide(self, user_id: UserId, line: LogLine, deletion: DeleteAccount | None) -> UserRecord | None:
        """Lets the account in, or begins its deletion, with the line of the log. None unless it waits."""
        change: Document = {"$unset": {"waits": 1}} if deletion is None else {"$set": {"is_deleted": True}}

        async def decide(session: Any) -> Document | None:
            row: Document | None = await self._users.find_one_and_update(
                {"_id": user_id, **_WAITING}, change, PROFILE, session=session
            )
            if row is not None:
                await append_to_log(self._mongo, session, line)
                if deletion is not None:
                    await self._outbox.add(session, deletion)
            return row

        with away_as_unavailable():
            row = await self._mongo.in_transaction(decide, changing=(user_id,))
        await self._accounts.invalidate(user_id)
        return None if row is None else to_profile(row)
