"""Decisions written straight into the stores."""

from core.ids import UserId
from core.moderation import ModerationAction, ReportReason, Subject, SubjectKind
from core.roles import Role
from datastore.jobs.jobs import ApplyDecision
from datastore.moderation.decisions import DecisionJob, Revocation
from datastore.moderation.log import LogLine
from datastore.moderation.records import DecisionRecord
from datastore.records.items import TweetRecord
from datastore.stores import Stores
from tests.datastore.opened import new_user


async def new_moderator(stores: Stores, role: Role = Role.MODERATOR) -> UserId:
    user_id = await new_user(stores, "moderator")
    await stores.users.roles.set(user_id, role, line(stores, None))
    return user_id


def line(stores: Stores, actor: UserId | None) -> LogLine:
    return LogLine(stores.ids(), actor, "DECIDE", ("User", 1))


def about_tweet(stores: Stores, tweet: TweetRecord, action: ModerationAction) -> DecisionRecord:
    subject = Subject(SubjectKind.TWEET, tweet.id)
    return DecisionRecord(stores.ids(), subject, tweet.author_id, action, ReportReason.SPAM)


def about_person(stores: Stores, user_id: UserId, action: ModerationAction) -> DecisionRecord:
    return DecisionRecord(stores.ids(), Subject(SubjectKind.PERSON, user_id), user_id, action, ReportReason.SPAM)


async def decide(
    stores: Stores, actor: UserId | None, decision: DecisionRecord, version: str | None = None
) -> list[DecisionJob]:
    return await stores.moderation.decisions.insert(decision, line(stores, actor), version=version, mail=None)


async def revoke(stores: Stores, actor: UserId | None, decision: DecisionRecord) -> ApplyDecision | None:
    revocation = Revocation(stores.ids(), line(stores, actor))
    return await stores.moderation.decisions.revoke(decision.id, revocation)
