"""Reports in the store: joined by subject, one for each person."""

import asyncio

from core.ids import UserId
from core.moderation import ModerationAction, ReportReason, ReportState, Subject, SubjectKind
from datastore.moderation.log import LogLine
from datastore.moderation.records import ReportRecord
from datastore.moderation.reports import GivenReport
from datastore.records.items import TweetRecord
from datastore.stores import Stores
from tests.datastore.moderation.deciding import about_tweet, decide, new_moderator
from tests.datastore.opened import new_tweet, new_users


def given(stores: Stores, tweet: TweetRecord, reporter: UserId, content: str = "seen") -> GivenReport:
    subject = Subject(SubjectKind.TWEET, tweet.id)
    return GivenReport(stores.ids(), subject, tweet.author_id, reporter, ReportReason.SPAM, "Again", content)


async def test_reports_of_a_subject_are_joined_and_those_of_a_person_are_one(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    tweet, reports = await new_tweet(opened, alice), opened.moderation.reports
    made = await asyncio.gather(*[reports.insert(given(opened, tweet, who)) for who in [bob] * 20 + [carol] * 20])
    assert len({report.id for report in made}) == 1
    (queued,) = await reports.range(ReportState.OPEN, None, 10)
    assert (queued.reporters, queued.state, queued.person_id) == (2, ReportState.OPEN, alice)
    assert await opened.mongo.collection("reporters").count_documents({}) == 2
    assert await reports.comments([queued.id], 3) == {queued.id: ["Again", "Again"]}


async def test_answered_report_is_opened_again_for_something_else_alone(opened: Stores) -> None:
    moderator = await new_moderator(opened)
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    tweet, reports = await new_tweet(opened, alice), opened.moderation.reports

    async def states() -> dict[int, ReportState]:
        return {one.id: one.state for state in ReportState for one in await reports.range(state, None, 10)}

    async def dismissed(report: ReportRecord) -> ReportRecord:
        line = LogLine(opened.ids(), moderator, "DISMISS_REPORT", ("Tweet", tweet.id))
        answered = await reports.dismiss(report.id, line)
        assert answered is not None
        return answered

    first = await reports.insert(given(opened, tweet, bob))
    assert (await dismissed(first)).state is ReportState.DISMISSED
    assert (await reports.insert(given(opened, tweet, bob))).state is ReportState.DISMISSED
    second = await reports.insert(given(opened, tweet, carol))
    assert await states() == {first.id: ReportState.DISMISSED, second.id: ReportState.OPEN}
    assert (await reports.insert(given(opened, tweet, bob, "edited"))).id == second.id
    await decide(opened, moderator, about_tweet(opened, tweet, ModerationAction.WARN))
    assert await states() == {first.id: ReportState.DISMISSED, second.id: ReportState.RESOLVED}
    assert (await dismissed(second)).state is ReportState.RESOLVED
    assert await opened.mongo.collection("moderation_log").count_documents({"action": "DISMISS_REPORT"}) == 1
    await reports.delete_of(alice)
    for name in ("reports", "reporters"):
        assert await opened.mongo.collection(name).count_documents({}) == 0
