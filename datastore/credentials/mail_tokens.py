"""Tokens of mails, by which their reader verifies an address or chooses a new password. Only hashes are stored.

One document for each person and purpose holds the latest tokens, so that a newer mail ends the tokens of older ones.
A mail that is sent again has another token, and both serve: the worker that made the first one may have died before or
after the mail left.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, NamedTuple

from core.auth.tokens import utc_now
from core.ids import UserId
from datastore.mongo.client import Document, Mongo, away_as_unavailable

MAIL_TOKENS: Final = "mail_tokens"
_KEPT: Final = timedelta(days=30)
_TOKENS_KEPT: Final = 20


class TokenPurpose(StrEnum):
    VERIFY = "verify"
    RESET = "reset"


LIFETIMES: Final[Mapping[TokenPurpose, timedelta]] = {
    TokenPurpose.VERIFY: timedelta(hours=24),
    TokenPurpose.RESET: timedelta(hours=1),
}


class MailToken(NamedTuple):
    """A token that was sent. `mail_id`: of the mail; `is_open`: neither used, run out nor replaced by a newer one."""

    user_id: UserId
    email: str
    mail_id: int
    is_open: bool


class MailTokenStore:
    def __init__(self, mongo: Mongo) -> None:
        self._tokens = mongo.collection(MAIL_TOKENS)

    async def insert(self, purpose: TokenPurpose, token: str, sent: MailToken) -> None:
        """Ends the tokens of older mails. The token's time begins now."""
        now = utc_now()
        entry = {
            "hash": _hash(token),
            "mail": sent.mail_id,
            "email": sent.email,
            "expires_at": now + LIFETIMES[purpose],
        }
        change = {
            "$max": {"newest": sent.mail_id},
            "$push": {"tokens": {"$each": [entry], "$slice": -_TOKENS_KEPT}},
            "$set": {"user": sent.user_id, "purpose": str(purpose), "kept_until": now + _KEPT},
        }
        with away_as_unavailable():
            await self._tokens.update_one({"_id": _id(purpose, sent.user_id)}, change, upsert=True)

    async def get(self, purpose: TokenPurpose, token: str) -> MailToken | None:
        """None for a token that was never sent for this purpose."""
        hashed = _hash(token)
        with away_as_unavailable():
            row = await self._tokens.find_one({"tokens.hash": hashed, "purpose": str(purpose)})
        return None if row is None else _to_token(row, hashed)

    async def use(self, session: Any, purpose: TokenPurpose, token: MailToken) -> bool:
        """Ends the token within a transaction. False if it ended meanwhile."""
        query = {"_id": _id(purpose, token.user_id), "newest": token.mail_id, "used": {"$ne": token.mail_id}}
        result = await self._tokens.update_one(query, {"$set": {"used": token.mail_id}}, session=session)
        return bool(result.modified_count)

    async def end_all(self, session: Any, user_id: UserId) -> None:
        """Ends the person's tokens of each purpose within a transaction."""
        for purpose in TokenPurpose:
            change = [{"$set": {"used": "$newest"}}]
            await self._tokens.update_one({"_id": _id(purpose, user_id)}, change, session=session)

    async def delete_of(self, user_id: UserId) -> None:
        with away_as_unavailable():
            await self._tokens.delete_many({"_id": {"$in": [_id(purpose, user_id) for purpose in TokenPurpose]}})


def _id(purpose: TokenPurpose, user_id: UserId) -> str:
    return f"{user_id}:{purpose}"


def _hash(token: str) -> bytes:
    return sha256(token.encode(errors="replace")).digest()


def _to_token(row: Document, hashed: bytes) -> MailToken:
    (entry,) = [entry for entry in row["tokens"] if entry["hash"] == hashed]
    expires_at: datetime = entry["expires_at"]
    is_newest = entry["mail"] == row["newest"] and row.get("used") != entry["mail"]
    return MailToken(UserId(row["user"]), entry["email"], entry["mail"], is_newest and utc_now() < expires_at)
