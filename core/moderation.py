"""Vocabulary of moderation: why something is reported, and what moderators decide."""

from enum import StrEnum
from typing import Final, NamedTuple


class ReportReason(StrEnum):
    SPAM = "SPAM"
    ABUSE = "ABUSE"
    HATE = "HATE"
    VIOLENCE = "VIOLENCE"
    SELF_HARM = "SELF_HARM"
    SEXUAL = "SEXUAL"
    CHILD_SAFETY = "CHILD_SAFETY"
    IMPERSONATION = "IMPERSONATION"
    ILLEGAL = "ILLEGAL"
    MISLEADING_AD = "MISLEADING_AD"
    OTHER = "OTHER"


class ReportState(StrEnum):
    OPEN = "OPEN"
    RESOLVED = "RESOLVED"
    DISMISSED = "DISMISSED"


class ModerationAction(StrEnum):
    """MARK_SENSITIVE and REMOVE are about tweets, LIMIT and SUSPEND about people, WARN about either."""

    WARN = "WARN"
    MARK_SENSITIVE = "MARK_SENSITIVE"
    REMOVE = "REMOVE"
    LIMIT = "LIMIT"
    SUSPEND = "SUSPEND"


class FilterKind(StrEnum):
    """WORD: words in texts; LINK: a host, with those below it; EMAIL: an address, or a domain, with those below it."""

    WORD = "WORD"
    LINK = "LINK"
    EMAIL = "EMAIL"


class FilterEffect(StrEnum):
    REFUSE = "REFUSE"
    HOLD = "HOLD"


class SubjectKind(StrEnum):
    TWEET = "Tweet"
    PERSON = "User"


class Subject(NamedTuple):
    """A tweet or a person that is reported, or about which is decided."""

    kind: SubjectKind
    id: int


_FITTING: Final = {
    SubjectKind.TWEET: frozenset({ModerationAction.WARN, ModerationAction.MARK_SENSITIVE, ModerationAction.REMOVE}),
    SubjectKind.PERSON: frozenset({ModerationAction.WARN, ModerationAction.LIMIT, ModerationAction.SUSPEND}),
}


def fits(action: ModerationAction, kind: SubjectKind) -> bool:
    """Whether such a subject can be acted on so."""
    return action in _FITTING[kind]
