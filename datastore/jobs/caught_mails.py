"""Mails that the catcher of dev took, each once: a mail that comes again with the same Message-ID is the same mail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from core.auth.tokens import utc_now
from datastore.mongo.client import Mongo, away_as_unavailable

CAUGHT_MAILS: Final = "caught_mails"


class CaughtMail(NamedTuple):
    message_id: str
    to: str
    subject: str
    text: str
    html: str
    at: datetime


class CaughtMailStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mails = mongo.collection(CAUGHT_MAILS)

    async def insert(self, mail: CaughtMail) -> None:
        row = mail._asdict() | {"at": utc_now(), "to_key": mail.to.casefold()}
        with away_as_unavailable():
            await self._mails.update_one({"_id": row.pop("message_id")}, {"$setOnInsert": row}, upsert=True)

    async def newest(self, limit: int) -> list[CaughtMail]:
        """Newest first."""
        with away_as_unavailable():
            found = self._mails.find().sort("at", -1).limit(limit)
            return [_to_mail(row) async for row in found]

    async def delete_to(self, *addresses: str) -> None:
        with away_as_unavailable():
            await self._mails.delete_many({"to_key": {"$in": [address.casefold() for address in addresses]}})


def _to_mail(row: Mapping[str, Any]) -> CaughtMail:
    return CaughtMail(row["_id"], row["to"], row["subject"], row["text"], row["html"], row["at"])
