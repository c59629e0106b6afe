"""Handles that somebody had before: they lead to that person for a while, and are nobody else's for longer."""

from datetime import timedelta
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from core.auth.tokens import utc_now
from core.ids import UserId
from core.text.name_prefixes import name_words, prefixes
from core.text.text import handle_key
from datastore.credentials.addresses import Change, add_change
from datastore.jobs.jobs import ForgetProfile
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED
from datastore.records.users import PROFILE, UserRecord, to_profile
from datastore.users.former_handles import FORMER_HANDLES, QUARANTINE
from datastore.users.store import TakenError, UserStore

LEADS_FOR: Final = timedelta(days=30)


class HandleStore:
    def __init__(self, mongo: Mongo, accounts: UserStore, outbox: Outbox) -> None:
        self._mongo, self._accounts, self._outbox = mongo, accounts, outbox
        self._users, self._former = mongo.collection("users"), mongo.collection(FORMER_HANDLES)

    async def change(self, user_id: UserId, handle: str, change: Change) -> UserRecord | None:
        """Returns the new profile; None if the account is gone. One's own former handle may be taken back.

        Raises TakenError if the handle is somebody's, or was until lately.
        """
        try:
            with away_as_unavailable():
                row, changed = await self._mongo.in_transaction(
                    lambda session: self._change(session, user_id, handle, change)
                )
        except DuplicateKeyError:
            raise TakenError("handle") from None
        await self._accounts.announce_change(changed)
        return None if row is None else to_profile(row)

    async def leads_to(self, key: str) -> UserId | None:
        """The user whose handle it was in the last 30 days; None for nobody."""
        with away_as_unavailable():
            row = await self._former.find_one({"_id": key, "leads_until": {"$gt": utc_now()}}, {"user": 1})
        return None if row is None else UserId(row["user"])

    async def forget_user(self, user_id: UserId) -> None:
        """Their former handles stay nobody's, and lead nowhere."""
        with away_as_unavailable():
            await self._former.update_many({"user": user_id}, {"$unset": {"user": 1, "leads_until": 1}})

    async def _change(
        self, session: Any, user_id: UserId, handle: str, change: Change
    ) -> tuple[Document | None, ForgetProfile | None]:
        key, now = handle_key(handle), utc_now()
        former = await self._former.find_one({"_id": key}, session=session)
        if former is not None and former.get("user") != user_id and former["until"] > now:
            raise TakenError("handle")
        before = await self._users.find_one({"_id": user_id, **NOT_DELETED}, PROFILE, session=session)
        if before is None:
            return None, None
        names = prefixes(name_words(handle, before["name"]))
        new = {"handle": handle, "handle_key": key, "names": names}
        await self._users.update_one({"_id": user_id}, {"$set": new}, session=session)
        await self._former.delete_one({"_id": key}, session=session)
        if handle_key(before["handle"]) != key:
            left = {"user": user_id, "leads_until": now + LEADS_FOR, "until": now + QUARANTINE}
            await self._former.replace_one({"_id": handle_key(before["handle"])}, left, upsert=True, session=session)
        await add_change(self._outbox, session, change)
        return {**before, "handle": handle}, await self._accounts.changed_within(session, user_id)
