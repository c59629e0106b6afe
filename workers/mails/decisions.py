"""Letters about decisions of moderators: to whom they go, and what they say, as of the moment when they leave."""

import secrets
from collections.abc import Mapping
from typing import Final

from core.base64url import to_base64url
from core.ids import time_of
from core.moderation import ModerationAction, ReportReason, SubjectKind
from datastore.jobs.mails import MailKind, MailRecord
from datastore.moderation.records import DecisionRecord
from datastore.records.users import AccountRecord
from datastore.stores import Stores
from workers.mails.messages import Letter

_TOKEN_BYTES: Final = 32
_ACTIONS: Final[Mapping[ModerationAction, str]] = {
    ModerationAction.WARN: "warned you about",
    ModerationAction.MARK_SENSITIVE: "put behind a warning",
    ModerationAction.REMOVE: "removed",
    ModerationAction.LIMIT: "limited who sees",
    ModerationAction.SUSPEND: "suspended",
}
_SUBJECTS: Final[Mapping[SubjectKind, str]] = {
    SubjectKind.TWEET: "one of your tweets",
    SubjectKind.PERSON: "your account",
}
_REASONS: Final[Mapping[ReportReason, str]] = {
    ReportReason.SPAM: "spam",
    ReportReason.ABUSE: "abuse or harassment",
    ReportReason.HATE: "hate",
    ReportReason.VIOLENCE: "violence",
    ReportReason.SELF_HARM: "self-harm",
    ReportReason.SEXUAL: "sexual content",
    ReportReason.CHILD_SAFETY: "the safety of children",
    ReportReason.IMPERSONATION: "impersonation",
    ReportReason.ILLEGAL: "something that the law forbids",
    ReportReason.MISLEADING_AD: "a misleading advertisement",
    ReportReason.OTHER: "the rules of this service",
}


async def letter_of_decision(stores: Stores, mail: MailRecord) -> Letter | None:
    """None for who is gone, and for a decision that stands no more before its mail left."""
    decision = await stores.moderation.decisions.get(int(mail.words["decision"]))
    account = await stores.users.accounts.get_account(mail.user_id)
    if decision is None or account is None:
        return None
    if mail.kind is not MailKind.DECISION:
        return _letter(mail, account, decision)
    if not decision.stands:
        return None
    token = to_base64url(secrets.token_bytes(_TOKEN_BYTES))
    await stores.moderation.appeals.add_token(decision.id, token)
    return _letter(mail, account, decision, token)


def _letter(mail: MailRecord, account: AccountRecord, decision: DecisionRecord, token: str | None = None) -> Letter:
    appeal = decision.appeal
    words = {
        **mail.words,
        "handle": account.user.handle,
        "action": _ACTIONS[decision.action],
        "subject_name": _SUBJECTS[decision.subject.kind],
        "reason": _REASONS[decision.reason],
        "explanation": decision.explanation or "",
        "until": "" if decision.until is None else f"{decision.until:%d %B %Y, %H:%M} UTC",
        "is_granted": "yes" if appeal is not None and appeal.is_granted else "",
        "answer": (appeal.answer if appeal is not None else None) or "",
    }
    return Letter(mail.id, mail.kind, account.email, words, time_of(mail.id), token)
