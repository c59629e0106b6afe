"""Letters about decisions: each one has words for all that it says; one that stands gets a token for an appeal."""

from datetime import UTC, datetime
from itertools import product
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest
from msgspec.structs import replace

from core.ids import UserId
from core.moderation import ModerationAction, ReportReason, Subject, SubjectKind
from datastore.jobs.mails import MailKind, MailRecord
from datastore.moderation.records import AppealRecord, DecisionRecord
from datastore.records.users import AccountRecord, UserRecord
from workers.mails.decisions import letter_of_decision

ADA = AccountRecord(UserRecord(UserId(1), "ada", "Ada"), "ada@example.org", "hash")
AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
DECISION = DecisionRecord(2, Subject(SubjectKind.PERSON, 1), UserId(1), ModerationAction.LIMIT, ReportReason.SPAM)


def mail(kind: MailKind) -> MailRecord:
    return MailRecord(3, kind, UserId(1), words={"decision": "2"})


def stores_of(decision: DecisionRecord | None, account: AccountRecord | None = ADA) -> Any:
    return SimpleNamespace(
        moderation=SimpleNamespace(
            decisions=SimpleNamespace(get=AsyncMock(return_value=decision)),
            appeals=SimpleNamespace(add_token=AsyncMock()),
        ),
        users=SimpleNamespace(accounts=SimpleNamespace(get_account=AsyncMock(return_value=account))),
    )


async def test_each_action_reason_and_subject_has_words() -> None:
    told = set()
    for action, reason, kind in product(ModerationAction, ReportReason, SubjectKind):
        decision = replace(DECISION, action=action, reason=reason, subject=Subject(kind, 1))
        letter = await letter_of_decision(stores_of(decision), mail(MailKind.DECISION))
        assert letter is not None
        told.add((letter.words["action"], letter.words["reason"], letter.words["subject_name"]))
    assert len(told) == len(ModerationAction) * len(ReportReason) * len(SubjectKind)
    assert all(all(words) for words in told)


@pytest.mark.parametrize(
    ("kind", "decision", "account", "is_sent", "has_token"),
    [
        (MailKind.DECISION, DECISION, ADA, True, True),
        (MailKind.DECISION, replace(DECISION, revoked_at=AT), ADA, False, False),
        (MailKind.DECISION, DECISION, None, False, False),
        (MailKind.DECISION, None, ADA, False, False),
        (MailKind.DECISION_REVOKED, replace(DECISION, revoked_at=AT), ADA, True, False),
        (MailKind.APPEAL_ANSWERED, DECISION, ADA, True, False),
    ],
    ids=["stands", "revoked before", "person gone", "decision gone", "revoked", "appeal answered"],
)
async def test_letter_goes_while_its_decision_and_person_are_there(
    kind: MailKind, decision: DecisionRecord | None, account: AccountRecord | None, is_sent: bool, has_token: bool
) -> None:
    stores = stores_of(decision, account)
    letter = await letter_of_decision(stores, mail(kind))
    assert (letter is not None, letter is not None and letter.token is not None) == (is_sent, has_token)
    assert stores.moderation.appeals.add_token.await_count == has_token
    if letter is not None and has_token:
        stores.moderation.appeals.add_token.assert_awaited_once_with(2, letter.token)


async def test_letter_says_until_when_and_how_the_appeal_ended() -> None:
    for granted, words in ((True, "yes"), (False, ""), (None, "")):
        decision = replace(DECISION, until=AT, appeal=AppealRecord("Why?", AT, granted, "We looked."))
        letter = await letter_of_decision(stores_of(decision), mail(MailKind.APPEAL_ANSWERED))
        assert letter is not None
        assert letter.words["is_granted"] == words
        assert letter.words["until"] == "30 November 2026, 12:00 UTC"
        assert letter.words["answer"] == "We looked."
