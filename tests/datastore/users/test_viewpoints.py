"""Viewpoints: the current one, the cached one, and the one before a change; viewer states of many users."""

import pytest

from core.ids import TweetId, UserId
from datastore.jobs.jobs import MergeTag, Unmerge
from datastore.records.items import RetweetRecord
from datastore.stores import Stores
from datastore.tweets.viewer_state import NO_INTERACTION
from datastore.users.viewpoint_records import ANONYMOUS, Viewpoint
from tests.datastore.opened import follow, new_tweet, new_user, new_users, unfollow


async def test_who_did_nothing_sees_from_alone(opened: Stores) -> None:
    alice = await new_user(opened)
    assert await opened.users.viewpoints.current(alice) == Viewpoint(alice)
    assert await opened.users.viewpoints.get(alice) == Viewpoint(alice)
    assert Viewpoint(alice).circle == {alice}


async def test_nobody_sees_from_nowhere() -> None:
    assert (ANONYMOUS.user_id, ANONYMOUS.circle) == (UserId(0), frozenset({UserId(0)}))


async def test_a_viewpoint_holds_whom_and_what_one_follows_blocks_and_mutes(opened: Stores) -> None:
    alice, bob, carol, dave, erin = await new_users(opened, "alice", "bob", "carol", "dave", "erin")
    for followee in (bob, carol):
        await follow(opened, alice, followee)
    await follow(opened, dave, alice)
    await opened.users.fanout_state.mark_fanout_on_read(carol)
    await opened.users.fanout_state.mark_fanout_on_read(erin)
    await opened.users.mutes.insert(opened.ids(), alice, bob)
    await opened.users.mutes.insert(opened.ids(), bob, alice)
    await block(opened, alice, dave)
    await block(opened, erin, alice)
    await opened.users.muted_words.set(opened.ids(), alice, ["crow", "magpie"])
    await opened.trends.hashtags.follow(MergeTag(opened.ids(), alice, "rook"), "Rook")
    await opened.trends.hashtags.follow(MergeTag(opened.ids(), bob, "crow"), "Crow")

    seen = await opened.users.viewpoints.current(alice)

    assert seen == Viewpoint(
        alice,
        followees=frozenset({bob, carol}),
        blocked=frozenset({dave}),
        blockers=frozenset({erin}),
        muted=frozenset({bob}),
        muted_words=("crow", "magpie"),
        tags=frozenset({"rook"}),
        fanout_on_read=frozenset({carol}),
    )
    assert seen.circle == {alice, bob, carol}
    assert await opened.users.viewpoints.current_follows(alice) == Viewpoint(
        alice, frozenset({bob, carol}), tags=frozenset({"rook"})
    )


async def test_many_at_once_are_what_each_is_by_itself(opened: Stores) -> None:
    people = await new_users(opened, "alice", "bob", "carol", "dave", "erin", "frank")
    alice, bob, carol, dave, erin, _ = people
    for follower, followee in ((alice, bob), (alice, carol), (dave, alice), (dave, carol)):
        await follow(opened, follower, followee)
    await opened.users.fanout_state.mark_fanout_on_read(carol)
    await opened.users.mutes.insert(opened.ids(), bob, alice)
    await block(opened, erin, alice)
    await opened.users.muted_words.set(opened.ids(), dave, ["crow"])
    await opened.trends.hashtags.follow(MergeTag(opened.ids(), erin, "rook"), "Rook")
    expected = [await opened.users.viewpoints.current(person) for person in people]
    for _ in ("from MongoDB", "from the cache"):
        assert await opened.users.viewpoints.get_many(people) == expected


@pytest.mark.parametrize("acts_read", [1, 2, 100])
async def test_marks_of_many_people_are_what_each_has(
    opened: Stores, monkeypatch: pytest.MonkeyPatch, acts_read: int
) -> None:
    """Also if more users acted on the tweet than are read first."""
    monkeypatch.setattr("datastore.tweets.viewer_state._ACTS_READ", acts_read)
    people = await new_users(opened, "alice", "bob", "carol", "dave")
    alice, bob, carol, _ = people
    tweets = [await new_tweet(opened, alice) for _ in range(2)]
    await opened.tweets.bookmarks.insert(opened.ids(), bob, tweets[0].id)
    assert await opened.tweets.retweets.insert(RetweetRecord(TweetId(opened.ids()), carol, tweets[0].id, alice))
    pairs = [(person, tweet.id) for person in people for tweet in tweets]
    expected = [(await opened.tweets.viewer_state.get_many(person, [tweet]))[0] for person, tweet in pairs]
    assert await opened.tweets.viewer_state.get_each(pairs) == expected
    assert await opened.tweets.viewer_state.get_each(pairs[:2]) == expected[:2]
    assert sum(mark != NO_INTERACTION for mark in expected) == 2


async def test_a_viewpoint_is_remembered_until_it_is_forgotten(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    await follow(opened, alice, bob)
    before = Viewpoint(alice, frozenset({bob}))
    assert await opened.users.viewpoints.get(alice) == before

    await unfollow(opened, alice, bob)
    await follow(opened, alice, carol)

    after = Viewpoint(alice, frozenset({carol}))
    assert await opened.users.viewpoints.get(alice) == before
    assert await opened.users.viewpoints.current(alice) == after
    await opened.users.viewpoints.invalidate(alice, bob)
    assert await opened.users.viewpoints.get(alice) == after


async def test_a_viewpoint_with_everything_in_it_comes_back_from_the_cache_as_it_was(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    await follow(opened, alice, bob)
    await opened.users.muted_words.set(opened.ids(), alice, ["magpie"])
    await opened.trends.hashtags.follow(MergeTag(opened.ids(), alice, "rook"), "Rook")
    loaded, cached = await opened.users.viewpoints.get(alice), await opened.users.viewpoints.get(alice)
    assert loaded == cached == Viewpoint(alice, frozenset({bob}), muted_words=("magpie",), tags=frozenset({"rook"}))


async def block(stores: Stores, who: UserId, whom: UserId) -> None:
    ends = (Unmerge(stores.ids(), who, whom), Unmerge(stores.ids(), whom, who))
    await stores.users.blocks.block(stores.ids(), ends)
