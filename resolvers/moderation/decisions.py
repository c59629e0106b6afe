"""Decisions of moderators about tweets and people, and their revocation."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from core.auth.tokens import utc_now
from core.errors import RefusalError, UserErrorCode
from core.ids import SnowflakeMaker, TweetId, UserId
from core.moderation import ModerationAction, ReportReason, Subject, SubjectKind, fits
from core.roles import Role
from datastore.jobs.jobs import Job
from datastore.jobs.mails import MailKind, MailRecord
from datastore.moderation.decisions import OvertakenError, Revocation, StandsError
from datastore.moderation.log import LogLine
from datastore.moderation.records import DecisionRecord
from datastore.moderation.rights import NoRightError
from datastore.moderation.stores import ModerationStores
from datastore.mongo.existence import GoneError
from datastore.records.users import UserRecord
from datastore.users.stores import UserStores
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.moderation.notes import LONGEST_NOTE, clean_note, clean_words
from resolvers.moderation.roles import require_right_over, require_role, role_of
from resolvers.pages import Page, check_first, page_of
from resolvers.services import Services


@dataclass(frozen=True, slots=True)
class Deciding:
    """`until` is None for a decision that stands until it is revoked; `version` is None for any of the subject."""

    subject: Subject
    action: ModerationAction
    reason: ReportReason
    explanation: str | None = None
    until: datetime | None = None
    version: str | None = None


async def moderate(services: Services, identity: Identity, deciding: Deciding) -> DecisionRecord:
    """Resolves the reports of its subject.

    Raises RefusalError: FORBIDDEN, INVALID, TOO_LONG, NOT_FOUND; CONFLICT for another version, an action that stands,
    and for the last admin.
    """
    await require_role(services.stores.users, identity, Role.MODERATOR)
    explanation = clean_words(deciding.explanation, LONGEST_NOTE, "input", "explanation")
    _check(deciding)
    person_id = await _person_of(services.stores.moderation, deciding.subject)
    await _require_right(services.stores.users, identity, person_id, deciding.action)
    stores, subject, action = services.stores, deciding.subject, deciding.action
    decision = DecisionRecord(
        stores.ids(), subject, person_id, action, deciding.reason, explanation, identity.user_id, deciding.until
    )
    note = str(deciding.reason) if explanation is None else f"{deciding.reason}: {explanation}"
    line = LogLine(stores.ids(), identity.user_id, str(action), (str(subject.kind), subject.id), note)
    mail = mail_of(services, decision, MailKind.DECISION)
    with _refusals():
        jobs = await stores.moderation.decisions.insert(decision, line, version=deciding.version, mail=mail)
    await follow_up(services, decision, mail, *jobs)
    return decision


async def revoke_decision(services: Services, identity: Identity, decision_id: int, note: str | None) -> DecisionRecord:
    """Does nothing to one that stands no more. Raises RefusalError: FORBIDDEN, TOO_LONG, NOT_FOUND."""
    await require_role(services.stores.users, identity, Role.MODERATOR)
    words, decision = clean_note(note), await existing_decision(services.stores.moderation, decision_id, "id")
    await require_right_over(services.stores.users, identity, decision.person_id, "id")
    line = line_about(services.stores.ids, identity, decision, f"REVOKE {decision.action}", words)
    mail = mail_of(services, decision, MailKind.DECISION_REVOKED)
    revocation = Revocation(services.stores.ids(), line, mail)
    job = await services.stores.moderation.decisions.revoke(decision_id, revocation)
    if job is not None:
        await follow_up(services, decision, mail, job)
    return await existing_decision(services.stores.moderation, decision_id, "id")


async def standing_decisions(
    moderation: ModerationStores, subject: Subject | None, first: int, before: int | None
) -> Page[DecisionRecord]:
    """Newest first; of one subject where it is given. The caller checks the role."""
    found = await moderation.decisions.standing(subject, before, check_first(first) + 1)
    return page_of(found, first, lambda one: one.id, has_previous=before is not None)


async def own_decisions(
    moderation: ModerationStores, identity: Identity, first: int, before: int | None
) -> Page[DecisionRecord]:
    """As `decisions_about` the viewer."""
    return await decisions_about(moderation, identity.user_id, first, before)


async def decisions_about(
    moderation: ModerationStores, user_id: UserId, first: int, before: int | None
) -> Page[DecisionRecord]:
    """Decisions about a person and their tweets, newest first, revoked ones too. The caller checks who asks."""
    found = await moderation.decisions.of_person(user_id, before, check_first(first) + 1)
    return page_of(found, first, lambda one: one.id, has_previous=before is not None)


async def decision_of(services: Services, identity: Identity | None, decision_id: int) -> DecisionRecord | None:
    """None unless it concerns the viewer, or they moderate."""
    found = None if identity is None else await services.stores.moderation.decisions.get(decision_id)
    if found is None or identity is None or found.person_id == identity.user_id:
        return found
    return found if (await role_of(services.stores.users, identity)).includes(Role.MODERATOR) else None


async def decisions_by_id(moderation: ModerationStores, decision_ids: Sequence[int]) -> Mapping[int, DecisionRecord]:
    """Those that there are. The caller checks who asks."""
    return await moderation.decisions.get_many(decision_ids)


async def existing_decision(moderation: ModerationStores, decision_id: int, field: str) -> DecisionRecord:
    """Raises RefusalError NOT_FOUND."""
    found = await moderation.decisions.get(decision_id)
    if found is None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such decision.", field)
    return found


def line_about(
    ids: SnowflakeMaker, identity: Identity, decision: DecisionRecord, action: str, note: str | None
) -> LogLine:
    subject = (str(decision.subject.kind), decision.subject.id)
    return LogLine(ids(), identity.user_id, action, subject, note)


def mail_of(services: Services, decision: DecisionRecord, kind: MailKind) -> MailRecord | None:
    """None where mail is off."""
    if not services.account_rules.is_mail_on:
        return None
    words = {"decision": str(decision.id)} | services.served_at.words
    return MailRecord(services.stores.ids(), kind, decision.person_id, words=words)


async def follow_up(services: Services, decision: DecisionRecord, mail: MailRecord | None, *jobs: Job) -> None:
    """Call once it is committed: the subject's row is read anew, and workers do the rest."""
    if decision.subject.kind is SubjectKind.TWEET:
        await services.stores.tweets.items.invalidate(TweetId(decision.subject.id))
    else:
        await services.stores.users.accounts.invalidate(decision.person_id)
    await try_enqueue(services.stores, *jobs, *(() if mail is None else (mail.job,)))


def _check(deciding: Deciding) -> None:
    if not fits(deciding.action, deciding.subject.kind):
        thing = "tweet" if deciding.subject.kind is SubjectKind.TWEET else "person"
        message = f"{deciding.action} can't be done to a {thing}."
        raise RefusalError.of(UserErrorCode.INVALID, message, "input", "action")
    if deciding.until is not None and deciding.until <= utc_now():
        raise RefusalError.of(UserErrorCode.INVALID, "This time is past.", "input", "until")


async def _person_of(moderation: ModerationStores, subject: Subject) -> UserId:
    """The person whom a decision about the subject concerns."""
    found = (await moderation.subjects.get_many([subject])).get(subject)
    if found is None:
        raise _no_subject()
    return found.shown.id if isinstance(found.shown, UserRecord) else found.shown.author_id


async def _require_right(users: UserStores, identity: Identity, person_id: UserId, action: ModerationAction) -> None:
    is_self = person_id == identity.user_id
    if is_self and action is ModerationAction.SUSPEND and await users.roles.is_last_admin(person_id):
        raise RefusalError.of(UserErrorCode.CONFLICT, "Without you there would be no admin.", "input", "subject")
    await require_right_over(users, identity, person_id, "input", "subject")


@contextmanager
def _refusals() -> Iterator[None]:
    """Turns changes since the checks, which the transaction finds, into refusals."""
    try:
        yield
    except GoneError:
        raise _no_subject() from None
    except NoRightError:
        message = "You may not decide about this person, or not any more."
        raise RefusalError.of(UserErrorCode.FORBIDDEN, message, "input", "subject") from None
    except OvertakenError:
        message = "It is not what you saw: read it again."
        raise RefusalError.of(UserErrorCode.CONFLICT, message, "input", "version") from None
    except StandsError:
        raise RefusalError.of(UserErrorCode.CONFLICT, "This stands already.", "input", "action") from None


def _no_subject() -> RefusalError:
    return RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such tweet or person.", "input", "subject")
