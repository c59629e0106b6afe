"""Outbox of mails: each mail that is to leave is a document, which is deleted when a mail server has taken the mail.

A document is written in the transaction of the act that the mail tells of. Its id is that of the job `SendMail`, and
the Message-ID is made from it: a mail server or mailbox that gets a mail twice, because a worker died before it could
delete the document, knows it as the same one.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from core.ids import UserId, wall_ms
from datastore.jobs.jobs import SendMail
from datastore.mongo.client import Document, Mongo, away_as_unavailable

MAILS: Final = "mails"


class MailKind(StrEnum):
    """`VERIFY`, `RESET` and `DECISION` hold a link with a token, which the worker makes as the mail leaves."""

    VERIFY = "verify"
    RESET = "reset"
    ADDRESS_IN_USE = "address_in_use"
    EMAIL_CHANGING = "email_changing"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - no password
    HANDLE_CHANGED = "handle_changed"
    NEW_DEVICE = "new_device"
    DECISION = "decision"
    DECISION_REVOKED = "decision_revoked"
    APPEAL_ANSWERED = "appeal_answered"


class MailRecord(msgspec.Struct, frozen=True):
    """`to` is empty where the worker looks the recipient up. `words` are values for the template, by name.

    `due_ms`: Unix time of the act, or until which a mail is deferred that a mail server did not want yet.
    """

    id: int
    kind: MailKind
    user_id: UserId = UserId(0)
    to: str = ""
    words: Mapping[str, str] = {}
    deferrals: int = 0
    due_ms: int = 0

    @property
    def job(self) -> SendMail:
        return SendMail(self.id)


class MailOutbox:
    def __init__(self, mongo: Mongo) -> None:
        self._mails = mongo.collection(MAILS)

    async def add(self, session: Any, *mails: MailRecord) -> None:
        """Adds mails within the transaction of their act; without one where `session` is None."""
        if mails:
            with away_as_unavailable(session):
                await self._mails.insert_many([_to_document(mail) for mail in mails], session=session)

    async def get(self, mail_id: int) -> MailRecord | None:
        """None for a mail that has left."""
        with away_as_unavailable():
            row = await self._mails.find_one({"_id": mail_id})
        return None if row is None else _to_record(row)

    async def delete(self, mail_id: int) -> None:
        """Call when the mail has left, or never will."""
        with away_as_unavailable():
            await self._mails.delete_one({"_id": mail_id})

    async def defer(self, mail_id: int, until_ms: int) -> None:
        """The sweeper issues its job again after that Unix time."""
        change = {"$set": {"due": until_ms}, "$inc": {"deferrals": 1}}
        with away_as_unavailable():
            await self._mails.update_one({"_id": mail_id}, change)

    async def delete_of(self, user_id: UserId, *addresses: str) -> None:
        """Deletes the mails to a user, or to these addresses, that have not left."""
        with away_as_unavailable():
            await self._mails.delete_many({"user": user_id})
            await self._mails.delete_many({"to": {"$in": list(addresses)}})

    async def overdue(self, before_ms: int, limit: int) -> Sequence[SendMail]:
        """Jobs of mails that were due before that Unix time, the longest due first."""
        with away_as_unavailable():
            found = self._mails.find({"due": {"$lt": before_ms}}, {"_id": 1}).sort("due", 1).limit(limit)
            return [SendMail(row["_id"]) async for row in found]


def _to_document(mail: MailRecord) -> Document:
    return {
        "_id": mail.id,
        "kind": str(mail.kind),
        "user": mail.user_id,
        "to": mail.to,
        "words": dict(mail.words),
        "deferrals": mail.deferrals,
        "due": wall_ms(),
    }


def _to_record(row: Mapping[str, Any]) -> MailRecord:
    return MailRecord(
        row["_id"],
        MailKind(row["kind"]),
        UserId(row["user"]),
        row["to"],
        words=row["words"],
        deferrals=row["deferrals"],
        due_ms=row["due"],
    )
