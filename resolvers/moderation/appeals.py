"""Appeals: one for each decision, by whom it concerns, and the answers of moderators."""

from core.errors import RefusalError, UserErrorCode
from core.roles import Role
from datastore.jobs.mails import MailKind
from datastore.moderation.appeals import AppealAnswer
from datastore.moderation.decisions import Revocation
from datastore.moderation.records import DecisionRecord
from datastore.moderation.stores import ModerationStores
from resolvers.identity import Identity
from resolvers.moderation.decisions import existing_decision, follow_up, line_about, mail_of
from resolvers.moderation.notes import LONGEST_APPEAL, required_words
from resolvers.moderation.roles import require_right_over, require_role
from resolvers.pages import Page, check_first, page_of
from resolvers.services import Services


async def appeal(moderation: ModerationStores, identity: Identity, decision_id: int, text: str) -> DecisionRecord:
    """Raises RefusalError: INVALID, TOO_LONG, NOT_FOUND; CONFLICT for a second one, and if it stands no more."""
    words = required_words(text, LONGEST_APPEAL, "text")
    decision = await existing_decision(moderation, decision_id, "decisionId")
    if decision.person_id != identity.user_id:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such decision.", "decisionId")
    return await _appealed(moderation, decision, words, "decisionId")


async def appeal_by_token(moderation: ModerationStores, token: str, text: str) -> DecisionRecord:
    """By the token of a mail, for who can't sign in. Raises RefusalError as `appeal`, and EXPIRED for the token."""
    words = required_words(text, LONGEST_APPEAL, "text")
    decision = await moderation.appeals.by_token(token)
    if decision is None:
        raise RefusalError.of(UserErrorCode.EXPIRED, "This link has run out, or never was one.", "token")
    return await _appealed(moderation, decision, words, "token")


async def answer_appeal(
    services: Services, identity: Identity, decision_id: int, *, is_granted: bool, answer: str
) -> DecisionRecord:
    """Granted, it revokes the decision. Raises RefusalError: FORBIDDEN, INVALID, TOO_LONG, NOT_FOUND, and CONFLICT
    unless an appeal waits.
    """
    await require_role(services.stores.users, identity, Role.MODERATOR)
    words = required_words(answer, LONGEST_APPEAL, "answer")
    decision = await existing_decision(services.stores.moderation, decision_id, "decisionId")
    await require_right_over(services.stores.users, identity, decision.person_id, "decisionId")
    line = line_about(services.stores.ids, identity, decision, "GRANT_APPEAL" if is_granted else "REJECT_APPEAL", words)
    mail = mail_of(services, decision, MailKind.APPEAL_ANSWERED)
    revocation = Revocation(services.stores.ids(), line, mail)
    has_waited, job = await services.stores.moderation.appeals.answer(
        decision_id, AppealAnswer(is_granted, words), revocation
    )
    if not has_waited:
        raise RefusalError.of(UserErrorCode.CONFLICT, "No appeal waits for an answer.", "decisionId")
    await follow_up(services, decision, mail, *(() if job is None else (job,)))
    return await existing_decision(services.stores.moderation, decision_id, "decisionId")


async def waiting_appeals(moderation: ModerationStores, first: int, after: int | None) -> Page[DecisionRecord]:
    """Decisions whose appeals wait, oldest first. The caller checks the role."""
    found = await moderation.appeals.waiting(after, check_first(first) + 1)
    return page_of(found, first, lambda one: one.id, has_previous=after is not None)


async def _appealed(moderation: ModerationStores, decision: DecisionRecord, text: str, field: str) -> DecisionRecord:
    if not await moderation.appeals.insert(decision.id, decision.person_id, text):
        raise RefusalError.of(UserErrorCode.CONFLICT, "It was appealed against before, or stands no more.", field)
    return await existing_decision(moderation, decision.id, field)
