"""Voices: what an account counts as, so that neither trends nor notifications can be bought by signing up.

An account counts if it was an hour old when it posted, and is verified where that is required; all accounts that signed
up from one wide range of addresses are one voice.
"""

from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import Final

from core.ids import UserId, ms_of
from core.trends.scoring import HOUR_MS, Use
from datastore.mongo.bulk import chunked
from datastore.mongo.client import Document, Mongo, away_as_unavailable

LEAST_AGE_MS: Final = HOUR_MS
_AT_ONCE: Final = 1_000
_REMEMBERED: Final = 200_000


class Voices:
    def __init__(self, mongo: Mongo, *, is_strict: bool, requires_verification: bool) -> None:
        """Unless `is_strict`, every account is a voice of its own from its first minute on."""
        self._users = mongo.collection("users")
        self.are_strict, self._requires_verification = is_strict, requires_verification
        self._known: dict[int, int] = {}

    async def of_uses(self, uses: Sequence[Use]) -> list[int | None]:
        """The voice of each use; None for one that does not count. Negative for a range, otherwise the account."""
        if not self.are_strict:
            return [use.account for use in uses]
        is_grown = [use.ms - ms_of(use.account) >= LEAST_AGE_MS for use in uses]
        await self._learn({use.account for use, grown in zip(uses, is_grown, strict=True) if grown})
        return [self._known.get(use.account) if grown else None for use, grown in zip(uses, is_grown, strict=True)]

    async def counted(self, uses: Sequence[Use]) -> list[Use]:
        """The uses that count, in order, each with its voice in place of the account."""
        voices = await self.of_uses(uses)
        return [Use(use.ms, voice) for use, voice in zip(uses, voices, strict=True) if voice is not None]

    async def _learn(self, accounts: Collection[int]) -> None:
        """Remembers what never changes: the range of an account, and that it is verified."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        unknown = [UserId(account) for account in accounts if account not in self._known]
        for some in chunked(unknown, _AT_ONCE):
            with away_as_unavailable():
                found = self._users.find({"_id": {"$in": some}}, {"origin": 1, "is_unverified": 1})
                self._known |= self._voices([row async for row in found])

    def _voices(self, rows: Iterable[Document]) -> dict[int, int]:
        return {
            row["_id"]: _voice_of(row)
            for row in rows
            if not (self._requires_verification and row.get("is_unverified", False))
        }


def _voice_of(row: Document) -> int:
    origin = row.get("origin")
    if origin is None:
        return int(row["_id"])
    return -int.from_bytes(blake2b(origin.encode(), digest_size=7).digest())
