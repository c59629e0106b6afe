"""Decisions in the store: one transaction each, one of each action at a time, and no trace once they are revoked."""

import asyncio
from typing import Any

import pytest

from core.ids import TweetId, UserId
from core.moderation import ModerationAction, SubjectKind
from core.roles import Role
from datastore.counts.consistency_check import repair_sample
from datastore.counts.increments import TWEET_COUNTERS, USER_COUNTERS
from datastore.jobs.jobs import Retract
from datastore.moderation.decisions import OvertakenError, StandsError
from datastore.moderation.rights import NoRightError
from datastore.moderation.subjects import version_of
from datastore.mongo.existence import GoneError
from datastore.records.items import ItemKind, TweetRecord
from datastore.stores import Stores
from tests.datastore.moderation.deciding import about_person, about_tweet, decide, new_moderator, revoke
from tests.datastore.opened import new_tweet, new_users


async def row_of(stores: Stores, tweet_id: int) -> dict[str, Any]:
    row: dict[str, Any] = await stores.mongo.collection("tweets").find_one({"_id": tweet_id})
    return row


async def counted(stores: Stores, parent: TweetRecord, author: UserId) -> tuple[int, int]:
    """Replies to the parent and tweets of the author, stored and pending alike; checks that a recount finds them."""
    await stores.tweets.counts.invalidate(parent.id)
    await stores.users.counts.invalidate(author)
    (of_parent,), (of_author,) = (
        await stores.tweets.counts.get_many([parent.id]),
        await stores.users.counts.get_many([author]),
    )
    for spec in (TWEET_COUNTERS, USER_COUNTERS):
        assert (await repair_sample(stores.mongo, spec, 100)).wrong == []
    return of_parent.replies, of_author.tweets


@pytest.mark.parametrize("is_counted", [False, True], ids=["pending", "counted"])
async def test_removed_tweet_counts_nowhere_until_it_is_restored(opened: Stores, *, is_counted: bool) -> None:
    moderator = await new_moderator(opened)
    alice, bob = await new_users(opened, "alice", "bob")
    parent = await new_tweet(opened, alice)
    reply = await new_tweet(opened, bob, parent)
    before = {name: value for name, value in (await row_of(opened, reply.id)).items() if not name.startswith("unc")}
    if is_counted:
        await opened.tweets.pending_counts.apply([parent.id])
        await opened.users.pending_counts.apply([bob])
    removal = about_tweet(opened, reply, ModerationAction.REMOVE)

    await decide(opened, moderator, removal)
    assert await counted(opened, parent, bob) == (0, 0)
    await opened.tweets.items.invalidate(reply.id)
    removed = await opened.tweets.items.get(reply.id)
    assert isinstance(removed, TweetRecord)
    assert removed.is_removed

    assert await revoke(opened, moderator, removal) is not None
    assert await counted(opened, parent, bob) == (1, 1)
    await opened.tweets.pending_counts.apply([parent.id])
    await opened.users.pending_counts.apply([bob])
    assert await counted(opened, parent, bob) == (1, 1)
    after = await row_of(opened, reply.id)
    del after["moderated"]
    assert after == before


async def test_removed_tweet_that_is_deleted_is_not_taken_off_twice(opened: Stores) -> None:
    moderator = await new_moderator(opened)
    alice, bob = await new_users(opened, "alice", "bob")
    parent = await new_tweet(opened, alice)
    reply = await new_tweet(opened, bob, parent)
    await opened.tweets.pending_counts.apply([parent.id])
    await opened.users.pending_counts.apply([bob])
    removal = about_tweet(opened, reply, ModerationAction.REMOVE)
    await decide(opened, moderator, removal)
    assert await opened.tweets.items.delete(Retract(opened.ids(), reply.id, bob, ItemKind.TWEET))
    assert await counted(opened, parent, bob) == (0, 0)
    assert await revoke(opened, moderator, removal) is not None
    assert await counted(opened, parent, bob) == (0, 0)


async def test_of_equal_decisions_one_stands_and_of_one_version_one_decides(opened: Stores) -> None:
    moderators = [await new_moderator(opened) for _ in range(2)]
    (alice,) = await new_users(opened, "alice")
    tweet = await new_tweet(opened, alice)
    for action in (ModerationAction.REMOVE, ModerationAction.WARN, ModerationAction.MARK_SENSITIVE):
        twice = [decide(opened, one, about_tweet(opened, tweet, action)) for one in moderators]
        outcomes = await asyncio.gather(*twice, return_exceptions=True)
        assert sorted([type(one).__name__ for one in outcomes]) == ["StandsError", "list"]
    with pytest.raises(StandsError):
        await decide(opened, moderators[0], about_tweet(opened, tweet, ModerationAction.WARN))

    other = await new_tweet(opened, alice)
    seen = version_of(SubjectKind.TWEET, await row_of(opened, other.id))
    actions = (ModerationAction.WARN, ModerationAction.REMOVE)
    at_once = [decide(opened, moderators[0], about_tweet(opened, other, action), seen) for action in actions]
    outcomes = await asyncio.gather(*at_once, return_exceptions=True)
    assert sorted([type(one).__name__ for one in outcomes]) == ["OvertakenError", "list"]
    assert await opened.mongo.collection("decisions").count_documents({"subject": other.id}) == 1
    await opened.mongo.collection("tweets").update_one({"_id": other.id}, {"$set": {"text": "edited"}})
    with pytest.raises(OvertakenError):
        await decide(opened, moderators[0], about_tweet(opened, other, ModerationAction.MARK_SENSITIVE), seen)


async def test_who_may_not_decide_changes_nothing(opened: Stores) -> None:
    moderator, other, admin = [
        await new_moderator(opened, role) for role in (Role.MODERATOR, Role.MODERATOR, Role.ADMIN)
    ]
    alice, bob = await new_users(opened, "alice", "bob")
    for actor, person in ((moderator, other), (moderator, admin), (admin, admin), (alice, bob), (moderator, moderator)):
        with pytest.raises(NoRightError):
            await decide(opened, actor, about_person(opened, person, ModerationAction.SUSPEND))
    with pytest.raises(GoneError):
        await decide(opened, admin, about_person(opened, UserId(7), ModerationAction.WARN))
    for name in ("decisions", "outbox", "notices"):
        assert await opened.mongo.collection(name).count_documents({}) == 0
    await decide(opened, admin, about_person(opened, moderator, ModerationAction.SUSPEND))
    with pytest.raises(NoRightError):
        await decide(opened, moderator, about_person(opened, alice, ModerationAction.WARN))


async def test_two_admins_at_once_leave_one_who_can_act(opened: Stores) -> None:
    one, other = [await new_moderator(opened, Role.ADMIN) for _ in range(2)]
    outcomes = await asyncio.gather(
        decide(opened, one, about_person(opened, other, ModerationAction.SUSPEND)),
        decide(opened, other, about_person(opened, one, ModerationAction.SUSPEND)),
        return_exceptions=True,
    )
    assert sorted([type(outcome).__name__ for outcome in outcomes]) == ["NoRightError", "list"]
    left = one if isinstance(outcomes[0], list) else other
    assert await opened.users.roles.is_last_admin(left)


async def test_decision_about_a_person_is_a_field_until_it_is_revoked(opened: Stores) -> None:
    moderator = await new_moderator(opened)
    (alice,) = await new_users(opened, "alice")
    users = opened.mongo.collection("users")
    made = {}
    for action, name in ((ModerationAction.SUSPEND, "suspended"), (ModerationAction.LIMIT, "limited")):
        made[name] = about_person(opened, alice, action)
        await decide(opened, moderator, made[name])
    row = await users.find_one({"_id": alice})
    assert row["moderation"] == {name: decision.id for name, decision in made.items()}
    for decision in made.values():
        assert await revoke(opened, moderator, decision) is not None
        assert await revoke(opened, moderator, decision) is None
    assert not (await users.find_one({"_id": alice})).get("moderation")


async def test_erasure_keeps_the_log_alone(opened: Stores) -> None:
    moderator = await new_moderator(opened)
    (alice,) = await new_users(opened, "alice")
    tweet = await new_tweet(opened, alice)
    mine = about_tweet(opened, tweet, ModerationAction.WARN)
    await decide(opened, moderator, mine)
    await opened.moderation.decisions.delete_of(moderator)
    kept = await opened.moderation.decisions.get(mine.id)
    assert kept is not None
    assert kept.actor_id is None
    await opened.moderation.decisions.delete_of(alice)
    assert await opened.moderation.decisions.get(mine.id) is None
    assert await opened.mongo.collection("moderation_log").count_documents({"actor": moderator}) == 1
    assert await opened.tweets.items.exists(TweetId(tweet.id))
