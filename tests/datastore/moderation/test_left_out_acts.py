"""Acts of suspended people in the counts of others: left out once, whatever is done meanwhile, and taken in again."""

from collections.abc import Awaitable, Callable

import pytest

from core.ids import UserId
from core.moderation import ModerationAction
from datastore.counts.consistency_check import repair_sample
from datastore.counts.increments import TWEET_COUNTERS, USER_COUNTERS
from datastore.jobs.jobs import Merge, Retract, Unmerge
from datastore.records.items import ItemKind, TweetRecord
from datastore.stores import Stores
from tests.datastore.moderation.deciding import about_person, about_tweet, decide, revoke
from tests.datastore.opened import new_tweet, new_users


class Scene:
    """Alice likes Bob's tweet, answers it and follows him; Bob follows Alice."""

    def __init__(self, stores: Stores, alice: UserId, bob: UserId, his: TweetRecord, hers: TweetRecord) -> None:
        self.stores, self.alice, self.bob, self.his, self.hers = stores, alice, bob, his, hers

    async def follow_standing(self, *, is_suspended: bool) -> int:
        """How many targets have other counts by it."""
        passes = self.stores.moderation.left_out_acts.follow_standing(self.alice, is_suspended=is_suspended)
        return sum([len(one.targets) async for one in passes])

    async def suspend(self) -> Callable[[], Awaitable[None]]:
        """Returns what revokes it."""
        decision = about_person(self.stores, self.alice, ModerationAction.SUSPEND)
        await decide(self.stores, None, decision)
        await self.follow_standing(is_suspended=True)
        assert await self.follow_standing(is_suspended=True) == 0

        async def come_back() -> None:
            await revoke(self.stores, None, decision)
            await self.follow_standing(is_suspended=False)
            assert await self.follow_standing(is_suspended=False) == 0

        return come_back

    async def counts(self) -> tuple[int, int, int, int]:
        """Likes and replies of Bob's tweet, his followers, and whom he follows; checks that a recount finds them."""
        for spec, target in ((TWEET_COUNTERS, self.his.id), (USER_COUNTERS, self.bob), (USER_COUNTERS, self.alice)):
            store = self.stores.tweets.pending_counts if spec is TWEET_COUNTERS else self.stores.users.pending_counts
            await store.apply([target])
            assert (await repair_sample(self.stores.mongo, spec, 100)).wrong == []
        await self.stores.tweets.counts.invalidate(self.his.id)
        await self.stores.users.counts.invalidate(self.bob)
        (of_tweet,) = await self.stores.tweets.counts.get_many([self.his.id])
        (of_bob,) = await self.stores.users.counts.get_many([self.bob])
        return of_tweet.likes, of_tweet.replies, of_bob.followers, of_bob.following


async def set_up(stores: Stores) -> Scene:
    alice, bob = await new_users(stores, "alice", "bob")
    his = await new_tweet(stores, bob)
    hers = await new_tweet(stores, alice, his)
    await stores.tweets.likes.like(stores.ids(), alice, his.id)
    for follower, followee in ((alice, bob), (bob, alice)):
        await stores.users.follows.insert(Merge(stores.ids(), follower, followee))
    return Scene(stores, alice, bob, his, hers)


@pytest.mark.parametrize("is_counted", [False, True], ids=["pending", "counted"])
async def test_suspension_and_its_end_leave_counts_as_they_were(opened: Stores, *, is_counted: bool) -> None:
    scene = await set_up(opened)
    if is_counted:
        assert await scene.counts() == (1, 1, 1, 1)
    come_back = await scene.suspend()
    assert await scene.counts() == (0, 0, 0, 0)
    await come_back()
    assert await scene.counts() == (1, 1, 1, 1)


async def test_what_is_undone_meanwhile_is_taken_off_once(opened: Stores) -> None:
    scene = await set_up(opened)
    come_back = await scene.suspend()
    await opened.users.follows.delete(Unmerge(opened.ids(), scene.bob, scene.alice))
    await opened.users.follows.delete(Unmerge(opened.ids(), scene.alice, scene.bob))
    await opened.tweets.likes.unlike(opened.ids(), scene.alice, scene.his.id)
    assert await opened.tweets.items.delete(Retract(opened.ids(), scene.hers.id, scene.alice, ItemKind.TWEET))
    assert await scene.counts() == (0, 0, 0, 0)
    await come_back()
    assert await scene.counts() == (0, 0, 0, 0)


async def test_a_removal_and_a_suspension_of_its_author_take_a_reply_off_once(opened: Stores) -> None:
    scene = await set_up(opened)
    for removed_first in (True, False):
        removal = about_tweet(opened, scene.hers, ModerationAction.REMOVE)
        if removed_first:
            await decide(opened, None, removal)
        come_back = await scene.suspend()
        if not removed_first:
            await decide(opened, None, removal)
        assert await scene.counts() == (0, 0, 0, 0)
        if removed_first:
            await revoke(opened, None, removal)
        await come_back()
        assert await scene.counts() == (1, int(removed_first), 1, 1)
        await revoke(opened, None, removal)
        assert await scene.counts() == (1, 1, 1, 1)


async def test_a_request_accepted_meanwhile_counts_once_the_suspension_ends(opened: Stores) -> None:
    scene = await set_up(opened)
    await opened.users.follows.delete(Unmerge(opened.ids(), scene.alice, scene.bob))
    await opened.mongo.collection("users").update_one({"_id": scene.bob}, {"$set": {"is_protected": True}})
    await opened.users.follow_requests.request(opened.ids(), scene.alice, scene.bob)
    come_back = await scene.suspend()
    await opened.users.follow_requests.accept(Merge(opened.ids(), scene.alice, scene.bob))
    assert await scene.counts() == (0, 0, 0, 0)
    await come_back()
    assert await scene.counts() == (1, 1, 1, 1)


async def test_a_pass_that_a_decision_overtook_changes_nothing(opened: Stores) -> None:
    scene = await set_up(opened)
    decision = about_person(opened, scene.alice, ModerationAction.SUSPEND)
    await decide(opened, None, decision)
    await revoke(opened, None, decision)
    assert await scene.follow_standing(is_suspended=True) == 0
    assert await scene.counts() == (1, 1, 1, 1)
