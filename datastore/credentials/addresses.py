"""E-mail addresses: the one that counts, and the one that waits for its verification."""

from typing import Any, NamedTuple

from pymongo.errors import DuplicateKeyError

from core.auth.tokens import utc_now
from core.ids import UserId
from core.text.name_prefixes import name_words, prefixes
from core.text.text import email_key
from datastore.credentials.mail_tokens import MailToken, MailTokenStore, TokenPurpose
from datastore.jobs.jobs import Notify
from datastore.jobs.mails import MailRecord
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED
from datastore.records.users import HIDDEN_FOR
from datastore.users.store import TakenError, UserStore

_STATE: Document = {"email": 1, "pending_email": 1, "is_unverified": 1, "handle": 1, "name": 1}
_VERIFIED = ("pending_email", "is_unverified", "is_hidden", "hidden_until", "hidden_email_key")


class Change(NamedTuple):
    """Entries that go to the outboxes in the transaction of a change."""

    mails: tuple[MailRecord, ...] = ()
    notice: Notify | None = None


class AddressStore:
    def __init__(self, mongo: Mongo, accounts: UserStore, outbox: Outbox, tokens: MailTokenStore) -> None:
        self._mongo, self._accounts, self._outbox, self._tokens = mongo, accounts, outbox, tokens
        self._users = mongo.collection("users")

    async def verify(self, token: MailToken) -> bool:
        """Makes the token's address the account's. False if the token has ended, or another address was chosen since.

        Raises TakenError if the address belongs to somebody else by now.
        """

        async def act(session: Any) -> bool:
            if not await self._tokens.use(session, TokenPurpose.VERIFY, token):
                return False
            row = await self._users.find_one({"_id": token.user_id, **NOT_DELETED}, _STATE, session=session)
            if row is None or not _is_waiting(row, token.email):
                return False
            address = {"email": token.email, "email_key": email_key(token.email)}
            names = {"names": prefixes(name_words(row["handle"], row["name"]))}  # a hidden sign-up had none
            change = {"$set": {**address, **names}, "$unset": dict.fromkeys(_VERIFIED, 1)}
            await self._users.update_one({"_id": token.user_id}, change, session=session)
            return True

        with away_as_unavailable():
            try:
                is_done = await self._mongo.in_transaction(act)
            except DuplicateKeyError:
                raise TakenError("email") from None
        await self._accounts.invalidate(token.user_id)
        return is_done

    async def is_taken(self, email: str, user_id: UserId) -> bool:
        """Whether it is the address of somebody else, in whatever case."""
        query = {"email_key": email_key(email), "_id": {"$ne": user_id}}
        with away_as_unavailable():
            return await self._users.find_one(query, {"_id": 1}) is not None

    async def change(self, user_id: UserId, email: str, change: Change) -> None:
        """The address counts once it is verified."""

        async def act(session: Any) -> None:
            await self._users.update_one({"_id": user_id}, {"$set": {"pending_email": email}}, session=session)
            await add_change(self._outbox, session, change)

        with away_as_unavailable():
            await self._mongo.in_transaction(act)

    async def ask_again(self, mail: MailRecord) -> None:
        """Adds the mail. A sign-up that waits for its verification stands for another day."""
        until = utc_now() + HIDDEN_FOR

        async def act(session: Any) -> None:
            hidden = {"_id": mail.user_id, "is_hidden": True}
            await self._users.update_one(hidden, {"$set": {"hidden_until": until}}, session=session)
            await self._outbox.mails.add(session, mail)

        with away_as_unavailable():
            await self._mongo.in_transaction(act)


async def add_change(outbox: Outbox, session: Any, change: Change) -> None:
    """Adds the mails and the notification of a change within its transaction."""
    await outbox.mails.add(session, *change.mails)
    if change.notice is not None:
        await outbox.add(session, change.notice)


def _is_waiting(row: Document, email: str) -> bool:
    pending = row.get("pending_email")
    return email == (pending if pending is not None else row["email"] if row.get("is_unverified") else None)
