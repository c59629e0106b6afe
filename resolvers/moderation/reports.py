"""Reports: made by members, answered by moderators. The person reported is never told who reported them."""

from dataclasses import dataclass

from core.errors import RefusalError, UserErrorCode
from core.ids import TweetId, UserId
from core.limits import LimitedAct
from core.moderation import ReportReason, ReportState, Subject, SubjectKind
from core.roles import Role
from datastore.moderation.log import LogLine
from datastore.moderation.records import ReportRecord
from datastore.moderation.reports import GivenReport, OwnReport
from datastore.moderation.stores import ModerationStores
from datastore.moderation.subjects import Shown, content_of
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from resolvers.identity import Identity
from resolvers.limits.admission import admitted, charges_for
from resolvers.moderation.notes import LONGEST_NOTE, clean_note, clean_words
from resolvers.moderation.roles import require_right_over, require_role, role_of
from resolvers.pages import Edge, Page, check_first
from resolvers.services import Services
from resolvers.visibility import existing_user, visible_tweet

COMMENTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class SeenReport:
    """A report as a moderator sees it, with the first comments; or as a reporter does, with their own words.

    `edit_id`: the edit that made the version of a tweet that was reported.
    """

    record: ReportRecord
    reason: ReportReason
    comment: str | None
    is_moderated: bool
    edit_id: int | None = None


async def report(
    services: Services, identity: Identity, subject: Subject, reason: ReportReason, comment: str | None
) -> SeenReport:
    """Once for each subject, until that shows something else; a repetition changes nothing.

    Raises RefusalError: TOO_LONG, INVALID for oneself and one's own, NOT_FOUND for what the viewer may not see.
    """
    words = clean_words(comment, LONGEST_NOTE, "input", "comment")
    shown = await _reportable(services, identity, subject)
    stores, content = services.stores, content_of(shown)
    earlier = await stores.moderation.reports.own(subject, identity.user_id)
    if earlier is not None and (earlier.report.state is ReportState.OPEN or earlier.content == content):
        return _own(earlier)
    person_id = shown.id if isinstance(shown, UserRecord) else shown.author_id
    edit_id = shown.edit_id if isinstance(shown, TweetRecord) else None
    given = GivenReport(stores.ids(), subject, person_id, identity.user_id, reason, words, content, edit_id)
    # Reports of one subject at once are one, and count as one.
    charges = [
        charge._replace(members=(UserId(subject.id),))
        for charge in charges_for(services.act_limits, identity, LimitedAct.REPORT)
    ]
    async with admitted(services, *charges):
        record = await stores.moderation.reports.insert(given)
    mine = await stores.moderation.reports.own(subject, identity.user_id)
    return SeenReport(record, reason, words, is_moderated=False, edit_id=edit_id) if mine is None else _own(mine)


async def dismiss_report(services: Services, identity: Identity, report_id: int, note: str | None) -> SeenReport:
    """Idempotent. Raises RefusalError: FORBIDDEN, TOO_LONG, NOT_FOUND, CONFLICT if a decision answered it."""
    await require_role(services.stores.users, identity, Role.MODERATOR)
    words, found = clean_note(note), await services.stores.moderation.reports.get(report_id)
    if found is None:
        raise _no_report()
    await require_right_over(services.stores.users, identity, found.person_id, "id")
    line = LogLine(
        services.stores.ids(), identity.user_id, "DISMISS_REPORT", (str(found.subject.kind), found.subject.id), words
    )
    dismissed = await services.stores.moderation.reports.dismiss(report_id, line)
    if dismissed is None:
        raise _no_report()
    if dismissed.state is ReportState.RESOLVED:
        raise RefusalError.of(UserErrorCode.CONFLICT, "A decision answered this report.", "id")
    return (await _moderated(services.stores.moderation, [dismissed]))[0]


async def reports(
    moderation: ModerationStores, first: int, after: int | None, state: ReportState = ReportState.OPEN
) -> Page[SeenReport]:
    """Open ones oldest first, others newest first. The caller checks the role."""
    wanted = check_first(first)
    found = await moderation.reports.range(state, after, wanted + 1)
    edges = tuple(Edge(one.record.id, one) for one in await _moderated(moderation, found[:first]))
    return Page(edges, len(found) > first, after is not None, edges[-1].place if edges else None)


async def report_of(services: Services, identity: Identity | None, report_id: int) -> SeenReport | None:
    """None unless the viewer moderates, or is one of its reporters."""
    found = None if identity is None else await services.stores.moderation.reports.get(report_id)
    if found is None or identity is None:
        return None
    if (await role_of(services.stores.users, identity)).includes(Role.MODERATOR):
        return (await _moderated(services.stores.moderation, [found]))[0]
    mine = await services.stores.moderation.reports.own(found.subject, identity.user_id)
    return None if mine is None or mine.report.id != report_id else _own(mine)


async def _reportable(services: Services, identity: Identity, subject: Subject) -> Shown:
    where = ("input", "subject")
    if subject.kind is SubjectKind.TWEET:
        tweet = await visible_tweet(services.stores, identity, TweetId(subject.id), *where)
        person_id, shown = tweet.author_id, tweet
    else:
        person_id = UserId(subject.id)
        user = None if person_id == identity.user_id else await existing_user(services.stores.users, person_id, *where)
        if user is not None:
            return user
        shown = None
    if person_id == identity.user_id or shown is None:
        raise RefusalError.of(UserErrorCode.INVALID, "You can't report yourself.", *where)
    return shown


async def _moderated(moderation: ModerationStores, found: list[ReportRecord]) -> list[SeenReport]:
    comments = await moderation.reports.comments([one.id for one in found], COMMENTS_SHOWN)
    return [
        SeenReport(one, one.reason, "\n\n".join(comments[one.id]) or None, is_moderated=True, edit_id=one.edit_id)
        for one in found
    ]


def _own(mine: OwnReport) -> SeenReport:
    return SeenReport(mine.report, mine.reason, mine.comment, is_moderated=False, edit_id=mine.edit_id)


def _no_report() -> RefusalError:
    return RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such report.", "id")
