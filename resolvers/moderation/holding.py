"""Effects of the operator's filters on a tweet that is about to be posted."""

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from core.moderation import FilterEffect, ModerationAction, ReportReason, Subject, SubjectKind
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import ApplyDecision, Job, Notify
from datastore.jobs.mails import MailKind
from datastore.moderation.filters import FilterRecord
from datastore.moderation.holding import Holding
from datastore.moderation.log import LogLine
from datastore.moderation.records import DecisionRecord
from datastore.moderation.reports import GivenReport
from datastore.moderation.subjects import content_of
from datastore.records.items import TweetRecord
from datastore.tweets.store import Also
from resolvers.moderation.decisions import mail_of
from resolvers.screening import Screen, refusal_by_filter
from resolvers.services import Services

_EXPLANATION = "A filter held it. Moderators look at it."


class Held:
    """A tweet as it is to be posted, and what is written with it; nothing of a tweet that meets no filter."""

    def __init__(self, tweet: TweetRecord, also: Also | None = None, jobs: Sequence[Job] = ()) -> None:
        self.tweet, self.also, self.jobs = tweet, also, jobs


async def screened(services: Services, tweet: TweetRecord) -> Held:
    """Raises RefusalError FORBIDDEN if a filter refuses it."""
    met = await _met_by(services.screen, tweet)
    if met is None:
        return Held(tweet)
    if met.effect is FilterEffect.REFUSE:
        raise refusal_by_filter("input", "text")
    return _held(services, tweet, met)


async def refuse_filtered(screen: Screen, edited: TweetRecord) -> None:
    """Raises RefusalError FORBIDDEN for an edit that a filter refuses, or would hold."""
    if await _met_by(screen, edited) is not None:
        raise refusal_by_filter("input", "text")


async def _met_by(screen: Screen, tweet: TweetRecord) -> FilterRecord | None:
    words = f"{tweet.content_warning}\n{tweet.text}" if tweet.content_warning else tweet.text
    return await screen.of_tweet(words, [one.url for one in tweet.entities.urls])


def _held(services: Services, tweet: TweetRecord, met: FilterRecord) -> Held:
    stores, subject = services.stores, Subject(SubjectKind.TWEET, tweet.id)
    decision = DecisionRecord(
        stores.ids(), subject, tweet.author_id, ModerationAction.REMOVE, ReportReason.OTHER, _EXPLANATION
    )
    met_by = f"{met.kind} {met.pattern}"
    line = LogLine(stores.ids(), None, "HOLD", (str(subject.kind), tweet.id), met_by)
    report = GivenReport(
        stores.ids(),
        subject,
        tweet.author_id,
        None,
        ReportReason.OTHER,
        f"Held by the filter {met_by}.",
        content_of(tweet),
    )
    mail = mail_of(services, decision, MailKind.DECISION)
    jobs: list[Job] = [
        ApplyDecision(decision.id, decision.id, tweet.author_id, tweet.id),
        Notify(decision.id, ActKind.DECISION, tweet.author_id),
        *(() if mail is None else (mail.job,)),
    ]
    holding = Holding(decision, line, report, mail)
    return Held(replace(tweet, is_removed=True), partial(stores.moderation.holds.within, holding), jobs)
