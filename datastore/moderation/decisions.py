"""Decisions of moderators. A decision is one transaction: its document, the field of its subject by which it works, the
line of the log, the answer to the reports, and entries of the outbox for what workers do after it.

`stands` is the action while the decision stands; a unique index lets one of each action stand about a subject.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from pymongo.errors import DuplicateKeyError

from core.auth.tokens import utc_now
from core.errors import RookeryError
from core.ids import TweetId, UserId
from core.moderation import ModerationAction, Subject, SubjectKind
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import ApplyDecision, EndAccessTokens, EndSessions, Notify
from datastore.jobs.mails import MailRecord
from datastore.jobs.outbox import Outbox
from datastore.moderation import people, tweets
from datastore.moderation.log import LogLine, append_to_log
from datastore.moderation.records import DecisionRecord, to_decision, to_document
from datastore.moderation.reports import resolve_reports
from datastore.moderation.rights import check_rights
from datastore.moderation.subjects import lock_subject, version_of
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import GoneError

DECISIONS: Final = "decisions"
WAITS: Final = "appeal_waits"
"""The field of a decision whose appeal waits for its answer."""
_ACTIONS: Final = list(map(str, ModerationAction))
EndAccess: TypeAlias = Callable[[Any, UserId], Awaitable[Sequence[EndSessions | EndAccessTokens]]]
DecisionJob: TypeAlias = ApplyDecision | Notify | EndSessions | EndAccessTokens


class StandsError(RookeryError):
    """The same action stands about the subject already."""


class OvertakenError(RookeryError):
    """The subject is not what the moderator saw."""


class Revocation(NamedTuple):
    """`act_id`: of the revocation. `line`: its line of the log. `mail` tells the person, None where none leaves."""

    act_id: int
    line: LogLine
    mail: MailRecord | None = None


class DecisionStore:
    """`end_access` ends sessions and tokens of who is suspended within a transaction, and returns the jobs of it."""

    def __init__(self, mongo: Mongo, outbox: Outbox, end_access: EndAccess) -> None:
        self._mongo, self._outbox, self._end_access = mongo, outbox, end_access
        self._decisions = mongo.collection(DECISIONS)

    async def insert(
        self, decision: DecisionRecord, line: LogLine, *, version: str | None, mail: MailRecord | None
    ) -> list[DecisionJob]:
        """Returns the jobs that the caller hands over. `version`: of the subject as the moderator saw it, None for any.

        Raises GoneError for a deleted subject, OvertakenError, StandsError, and what `check_rights` raises.
        """

        async def decide(session: Any) -> list[DecisionJob]:
            await check_rights(self._mongo, session, line.actor_id, decision)
            row = await lock_subject(self._mongo, session, decision.subject, decision.person_id, decision.id)
            if version is not None and version != version_of(decision.subject.kind, row):
                raise OvertakenError
            return await self.insert_within(session, decision, row, line, mail=mail)

        try:
            with away_as_unavailable():
                return await self._mongo.in_transaction(decide, changing=(decision.subject.id, decision.person_id))
        except DuplicateKeyError:
            raise StandsError from None

    async def insert_within(
        self, session: Any, decision: DecisionRecord, row: Mapping[str, Any], line: LogLine, *, mail: MailRecord | None
    ) -> list[DecisionJob]:
        """As `insert`, in a larger transaction and unchecked. `row`: the document of the subject as it is in it."""
        await self._decisions.insert_one(to_document(decision), session=session)
        await self._begin_effect(session, decision, row)
        await resolve_reports(self._mongo, session, decision.subject, decision.id)
        await append_to_log(self._mongo, session, line)
        jobs: list[DecisionJob] = [
            _application(decision.id, decision),
            Notify(decision.id, ActKind.DECISION, decision.person_id),
        ]
        for job in jobs:
            await self._outbox.add(session, job)
        if decision.action is ModerationAction.SUSPEND:
            jobs += await self._end_access(session, decision.person_id)
        if mail is not None:
            await self._outbox.mails.add(session, mail)
        return jobs

    async def revoke(self, decision_id: int, revocation: Revocation) -> ApplyDecision | None:
        """Returns the job that the caller hands over; None if it stands no more: then nothing is changed."""
        with away_as_unavailable():
            return await self._mongo.in_transaction(
                lambda session: self.revoke_within(session, decision_id, revocation), changing=(decision_id,)
            )

    async def revoke_within(self, session: Any, decision_id: int, revocation: Revocation) -> ApplyDecision | None:
        """As `revoke`, in a larger transaction. An appeal that waits is granted, unless its time ended by itself."""
        row = await self._decisions.find_one({"_id": decision_id, "stands": {"$gt": ""}}, session=session)
        if row is None:
            return None
        change: Document = {"$set": {"revoked_at": utc_now()}, "$unset": {"stands": 1, "expires_at": 1}}
        if WAITS in row and revocation.line.actor_id is not None:
            change["$set"]["appeal.is_granted"], change["$unset"][WAITS] = True, 1
        await self._decisions.update_one({"_id": decision_id}, change, session=session)
        decision = to_decision(row)
        await self._end_effect(session, decision, revocation.act_id)
        return await self._tell(session, revocation, decision)

    async def get(self, decision_id: int) -> DecisionRecord | None:
        return (await self.get_many([decision_id])).get(decision_id)

    async def get_many(self, decision_ids: Sequence[int]) -> dict[int, DecisionRecord]:
        """Those that there are, by id."""
        if not decision_ids:
            return {}
        with away_as_unavailable():
            found = self._decisions.find({"_id": {"$in": list(decision_ids)}})
            return {row["_id"]: to_decision(row) async for row in found}

    async def standing(self, subject: Subject | None, before: int | None, limit: int) -> list[DecisionRecord]:
        """Newest first; of one subject where it is given."""
        query: Document = {"stands": {"$in": _ACTIONS}, **({} if before is None else {"_id": {"$lt": before}})}
        if subject is not None:
            query |= {"subject": subject.id, "subject_type": str(subject.kind)}
        return await self._range(query, limit)

    async def of_person(self, user_id: UserId, before: int | None, limit: int) -> list[DecisionRecord]:
        """Newest first, revoked ones too."""
        return await self._range({"person": user_id, **({} if before is None else {"_id": {"$lt": before}})}, limit)

    async def expired(self, limit: int) -> list[DecisionRecord]:
        """Those that stand although their time is over, the longest over first."""
        query = {"expires_at": {"$lte": utc_now()}}
        with away_as_unavailable():
            found = self._decisions.find(query).sort("expires_at", 1).limit(limit)
            return [to_decision(row) async for row in found]

    async def delete_of(self, user_id: UserId) -> None:
        """Deletes the decisions about a person and their tweets; those by them name nobody from then on."""
        with away_as_unavailable():
            await self._decisions.delete_many({"person": user_id})
            await self._decisions.update_many({"actor": user_id}, {"$set": {"actor": None}})

    async def _begin_effect(self, session: Any, decision: DecisionRecord, row: Mapping[str, Any]) -> None:
        match decision.action:
            case ModerationAction.REMOVE:
                await tweets.remove(self._mongo, session, row, decision.id)
            case ModerationAction.MARK_SENSITIVE:
                await tweets.mark_sensitive(self._mongo, session, row, decision.id)
            case ModerationAction.SUSPEND:
                await people.suspend(self._mongo, session, decision.person_id, decision.id)
            case ModerationAction.LIMIT:
                await people.limit(self._mongo, session, decision.person_id, decision.id)

    async def _end_effect(self, session: Any, decision: DecisionRecord, act_id: int) -> None:
        """A subject that is deleted has none."""
        try:
            row = await lock_subject(self._mongo, session, decision.subject, decision.person_id, act_id)
        except GoneError:
            return
        match decision.action:
            case ModerationAction.REMOVE:
                await tweets.restore(self._mongo, session, row, decision.id)
            case ModerationAction.MARK_SENSITIVE:
                await tweets.unmark_sensitive(self._mongo, session, row, decision.id)
            case ModerationAction.SUSPEND:
                await people.unsuspend(self._mongo, session, decision.person_id, decision.id)
            case ModerationAction.LIMIT:
                await people.unlimit(self._mongo, session, decision.person_id, decision.id)

    async def _tell(self, session: Any, revocation: Revocation, decision: DecisionRecord) -> ApplyDecision:
        job = _application(revocation.act_id, decision)
        await append_to_log(self._mongo, session, revocation.line)
        await self._outbox.add(session, job)
        if revocation.mail is not None:
            await self._outbox.mails.add(session, revocation.mail)
        return job

    async def _range(self, query: Document, limit: int) -> list[DecisionRecord]:
        with away_as_unavailable():
            return [to_decision(row) async for row in self._decisions.find(query).sort("_id", -1).limit(limit)]


def _application(act_id: int, decision: DecisionRecord) -> ApplyDecision:
    is_of_tweet = decision.subject.kind is SubjectKind.TWEET
    return ApplyDecision(act_id, decision.id, decision.person_id, TweetId(decision.subject.id) if is_of_tweet else None)
