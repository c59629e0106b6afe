"""Calls of the stores of moderation."""

from datetime import timedelta
from functools import partial

from core.auth.tokens import utc_now
from core.ids import TweetId, UserId
from core.moderation import FilterEffect, FilterKind, ModerationAction, ReportReason, ReportState, Subject, SubjectKind
from core.roles import Role
from core.text.entities import Entities
from datastore.jobs.mails import MailKind, MailRecord
from datastore.moderation.appeals import AppealAnswer
from datastore.moderation.decisions import Revocation
from datastore.moderation.filters import FilterRecord
from datastore.moderation.holding import Holding
from datastore.moderation.log import LogLine
from datastore.moderation.records import DecisionRecord
from datastore.moderation.reports import GivenReport
from datastore.tweets.factory import build_tweet
from tests.datastore.store_calls.scene import Scene


async def reports(scene: Scene) -> None:
    store, bob = scene.stores.moderation.reports, scene.bob
    subject = Subject(SubjectKind.TWEET, scene.tweet.id)
    given = GivenReport(scene.id(), subject, scene.alice, bob, ReportReason.SPAM, "Again", "seen")
    first = await store.insert(given)
    await store.insert(given._replace(id=scene.id(), reporter=scene.carol))
    await store.insert(given._replace(id=scene.id()))
    await store.own(subject, bob)
    await store.get(first.id)
    for state in ReportState:
        for after in (None, first.id):
            await store.range(state, after, 10)
    await store.comments([first.id], 3)
    line = LogLine(scene.id(), scene.carol, "DISMISS", (str(subject.kind), subject.id))
    await store.dismiss(first.id, line)
    await store.dismiss(first.id, line)
    await store.insert(given._replace(id=scene.id(), content="other"))


async def log(scene: Scene) -> None:
    stores, alice = scene.stores, scene.alice
    subjects = [Subject(SubjectKind.TWEET, scene.tweet.id), Subject(SubjectKind.PERSON, alice)]
    await stores.moderation.subjects.get_many(subjects)
    await stores.moderation.log.append_readings(scene.bob, [_line(scene, scene.bob), _line(scene, scene.bob)])
    for before in (None, scene.id()):
        await stores.moderation.log.range(before, 10)
    for is_verified in (True, True, False):
        await stores.users.verified.set(alice, _line(scene, scene.bob), is_verified=is_verified)


async def filters(scene: Scene) -> None:
    """Made twice, and deleted; one that holds a tweet as it is posted."""
    stores, alice = scene.stores.moderation, scene.alice
    wanted = FilterRecord(scene.id(), FilterKind.WORD, "spam", FilterEffect.HOLD, is_on=True)
    for is_on in (True, False):
        await stores.filters.set(wanted._replace(is_on=is_on), _line(scene, scene.bob))
    await stores.filters.all()
    await stores.filters.get(wanted.id)
    await stores.filters.delete(wanted.id, _line(scene, scene.bob))
    tweet = build_tweet(TweetId(scene.id()), alice, "spam", entities=Entities(), mentioned_ids={})
    subject = Subject(SubjectKind.TWEET, tweet.id)
    decision = DecisionRecord(scene.id(), subject, alice, ModerationAction.REMOVE, ReportReason.OTHER)
    report = GivenReport(scene.id(), subject, alice, None, ReportReason.OTHER, "Held", "seen")
    holding = Holding(decision, _line(scene, None), report, None)
    await scene.stores.tweets.items.insert(tweet, None, partial(stores.holds.within, holding))


async def decisions(scene: Scene) -> None:
    """Every action, revoked, expired, or appealed against."""
    stores, store, alice = scene.stores.moderation, scene.stores.moderation.decisions, scene.alice
    about, person = Subject(SubjectKind.TWEET, scene.tweet.id), Subject(SubjectKind.PERSON, alice)
    await scene.stores.users.roles.set(scene.bob, Role.ADMIN, _line(scene, None))
    for action in ModerationAction:
        is_of_tweet = action in (ModerationAction.REMOVE, ModerationAction.MARK_SENSITIVE)
        decision = DecisionRecord(
            scene.id(), about if is_of_tweet else person, alice, action, ReportReason.SPAM, until=utc_now() + _HOUR
        )
        mail = MailRecord(scene.id(), MailKind.DECISION, alice, words={"decision": str(decision.id)})
        await store.insert(decision, _line(scene, scene.bob), version=None, mail=mail)
        await stores.appeals.insert(decision.id, alice, "Please")
        await stores.appeals.add_token(decision.id, str(decision.id))
        await stores.appeals.by_token(str(decision.id))
        for after in (None, decision.id):
            await stores.appeals.waiting(after, 10)
            await store.standing(None, after, 10)
            await store.standing(decision.subject, after, 10)
            await store.of_person(alice, after, 10)
        await store.get(decision.id)
        await scene.stores.jobs.outbox.changes.decisions_about(scene.tweet.id)
        await store.expired(10)
        await stores.appeals.answer(decision.id, AppealAnswer(is_granted=False, text="No"), _revocation(scene))
        await store.revoke(decision.id, _revocation(scene))
        await store.revoke(decision.id, _revocation(scene))
    await store.delete_of(scene.carol)
    await stores.reports.delete_of(scene.carol)


async def standing(scene: Scene) -> None:
    """Consequences of a suspension, and of its end."""
    stores, users, alice = scene.stores.moderation, scene.stores.users, scene.alice
    person = Subject(SubjectKind.PERSON, alice)
    decision = DecisionRecord(scene.id(), person, alice, ModerationAction.SUSPEND, ReportReason.SPAM)
    await stores.decisions.insert(decision, _line(scene, None), version=None, mail=None)
    await _count_standing(scene, is_suspended=True)
    await users.accounts.with_suspended([alice])
    await users.lists.all_of_member(alice)
    await stores.decisions.revoke(decision.id, _revocation(scene))
    await _count_standing(scene, is_suspended=False)


async def _count_standing(scene: Scene, *, is_suspended: bool) -> None:
    async for _ in scene.stores.moderation.left_out_acts.follow_standing(scene.alice, is_suspended=is_suspended):
        pass


_HOUR = timedelta(hours=1)


def _revocation(scene: Scene) -> Revocation:
    return Revocation(scene.id(), _line(scene, scene.bob))


def _line(scene: Scene, actor: UserId | None) -> LogLine:
    return LogLine(scene.id(), actor, "DECIDE", ("User", scene.alice))
