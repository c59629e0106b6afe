"""Appeals: one for each decision, by whom it concerns, kept in the document of the decision.

A suspended user appeals by a token of the mail that told them. Only its hash is stored, and every mail has its own.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple

from core.auth.tokens import utc_now
from core.ids import UserId
from datastore.jobs.jobs import ApplyDecision
from datastore.jobs.outbox import Outbox
from datastore.moderation.decisions import DECISIONS, WAITS, DecisionStore, Revocation
from datastore.moderation.log import append_to_log
from datastore.moderation.records import DecisionRecord, to_decision
from datastore.mongo.client import Document, Mongo, away_as_unavailable

APPEALS_WITHIN: Final = timedelta(days=180)
"""After its mail left, the token of a decision serves for so long."""
_TOKENS_KEPT = 20


class AppealAnswer(NamedTuple):
    is_granted: bool
    text: str


class AppealStore:
    def __init__(self, mongo: Mongo, outbox: Outbox, decisions: DecisionStore) -> None:
        self._mongo, self._outbox, self._of_decisions = mongo, outbox, decisions
        self._decisions = mongo.collection(DECISIONS)

    async def insert(self, decision_id: int, person_id: UserId, text: str) -> bool:
        """False if there is no such decision about this person that stands, or it was appealed against before."""
        query = {"_id": decision_id, "person": person_id, "stands": {"$gt": ""}, "appeal": {"$exists": False}}
        change = {"$set": {"appeal": {"text": text, "at": utc_now()}, WAITS: True}}
        with away_as_unavailable():
            result = await self._decisions.update_one(query, change)
        return bool(result.modified_count)

    async def waiting(self, after: int | None, limit: int) -> Sequence[DecisionRecord]:
        """Decisions whose appeals wait, oldest first."""
        query: Document = {WAITS: True, **({} if after is None else {"_id": {"$gt": after}})}
        with away_as_unavailable():
            return [to_decision(row) async for row in self._decisions.find(query).sort("_id", 1).limit(limit)]

    async def answer(
        self, decision_id: int, answer: AppealAnswer, revocation: Revocation
    ) -> tuple[bool, ApplyDecision | None]:
        """Whether an appeal waited, and the job to hand over if its grant revoked the decision.

        The line and the mail of `revocation` are written whether it is granted or not.
        """

        async def act(session: Any) -> tuple[bool, ApplyDecision | None]:
            words = {"appeal.is_granted": answer.is_granted, "appeal.answer": answer.text}
            row = await self._decisions.find_one_and_update(
                {"_id": decision_id, WAITS: True}, {"$set": words, "$unset": {WAITS: 1}}, session=session
            )
            if row is None:
                return False, None
            if answer.is_granted:
                job = await self._of_decisions.revoke_within(session, decision_id, revocation)
                if job is not None:
                    return True, job
            await append_to_log(self._mongo, session, revocation.line)
            if revocation.mail is not None:
                await self._outbox.mails.add(session, revocation.mail)
            return True, None

        with away_as_unavailable():
            return await self._mongo.in_transaction(act, changing=(decision_id,))

    async def add_token(self, decision_id: int, token: str) -> None:
        """Lets the reader of a mail appeal."""
        entry = {"hash": _hash(token), "until": utc_now() + APPEALS_WITHIN}
        change = {"$push": {"appeal_tokens": {"$each": [entry], "$slice": -_TOKENS_KEPT}}}
        with away_as_unavailable():
            await self._decisions.update_one({"_id": decision_id}, change)

    async def by_token(self, token: str) -> DecisionRecord | None:
        """The decision of a mail; None for a token that never was, or that has run out."""
        hashed = _hash(token)
        with away_as_unavailable():
            row = await self._decisions.find_one({"appeal_tokens.hash": hashed})
        if row is None:
            return None
        until: datetime = next(one["until"] for one in row["appeal_tokens"] if one["hash"] == hashed)
        return to_decision(row) if utc_now() < until else None


def _hash(token: str) -> bytes:
    return sha256(token.encode(errors="replace")).digest()
