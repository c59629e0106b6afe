"""Records of reports and decisions, and their conversion from documents."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from core.ids import UserId
from core.moderation import ModerationAction, ReportReason, ReportState, Subject, SubjectKind
from datastore.mongo.client import Document


class ReportRecord(msgspec.Struct, frozen=True):
    """All reports of one subject that came until moderators answered them. `person_id`: the author of a tweet.

    `reason` is that of the first one; `edit_id` is the edit that made the version that it saw, None for one as it was
    posted. `decision_id` is None unless a decision resolved them.
    """

    id: int
    subject: Subject
    person_id: UserId
    reason: ReportReason
    reporters: int
    state: ReportState
    decision_id: int | None = None
    edit_id: int | None = None


class AppealRecord(msgspec.Struct, frozen=True):
    """`is_granted` and `answer` are None while it waits."""

    text: str
    at: datetime
    is_granted: bool | None = None
    answer: str | None = None


class DecisionRecord(msgspec.Struct, frozen=True):
    """`person_id`: whom it concerns, the author of a tweet. `actor_id` is None for the filters of the operator, and for
    a moderator who is gone. `revoked_at` also tells when its time ended.
    """

    id: int
    subject: Subject
    person_id: UserId
    action: ModerationAction
    reason: ReportReason
    explanation: str | None = None
    actor_id: UserId | None = None
    until: datetime | None = None
    revoked_at: datetime | None = None
    appeal: AppealRecord | None = None

    @property
    def stands(self) -> bool:
        return self.revoked_at is None


def subject_of(row: Mapping[str, Any]) -> Subject:
    return Subject(SubjectKind(row["subject_type"]), row["subject"])


def to_report(row: Mapping[str, Any]) -> ReportRecord:
    return ReportRecord(
        row["_id"],
        subject_of(row),
        UserId(row["person"]),
        ReportReason(row["reason"]),
        row["reporters"],
        ReportState(row["state"]),
        row.get("decision"),
        row.get("edit"),
    )


def to_decision(row: Mapping[str, Any]) -> DecisionRecord:
    appeal = row.get("appeal")
    return DecisionRecord(
        row["_id"],
        subject_of(row),
        UserId(row["person"]),
        ModerationAction(row["action"]),
        ReportReason(row["reason"]),
        row["explanation"],
        row["actor"],
        row["until"],
        row.get("revoked_at"),
        None
        if appeal is None
        else AppealRecord(appeal["text"], appeal["at"], appeal.get("is_granted"), appeal.get("answer")),
    )


def to_document(decision: DecisionRecord) -> Document:
    """The document of a decision that begins to stand. `stands` and `expires_at` go when it is revoked."""
    return {
        "_id": decision.id,
        "subject_type": str(decision.subject.kind),
        "subject": decision.subject.id,
        "person": decision.person_id,
        "action": str(decision.action),
        "reason": str(decision.reason),
        "explanation": decision.explanation,
        "actor": decision.actor_id,
        "until": decision.until,
        "stands": str(decision.action),
        **({} if decision.until is None else {"expires_at": decision.until}),
    }
