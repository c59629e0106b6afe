"""Follows: the edge, the counts of both users and the job change together, once, or not at all."""

import asyncio

import pytest

from core.errors import UnavailableError
from core.ids import UserId
from datastore.graph.follow_notices import unfollow_notice
from datastore.graph.follows import FollowEdge
from datastore.jobs.acts import ViewChangeKind
from datastore.jobs.jobs import DeleteAccount, Job, Merge, Notify, PublishProtection, Unmerge
from datastore.records.users import UserCounts
from datastore.stores import Stores
from tests.datastore.opened import follow, new_user, new_users, sources_of, unfollow
from workers.counting import count_users


async def counts(stores: Stores, *people: UserId) -> list[UserCounts]:
    await stores.users.counts.invalidate(*people)
    return await stores.users.counts.get_many(people)


async def left_to_do(stores: Stores) -> list[Job]:
    """Unfinished jobs without notifications."""
    return [job for job in await stores.jobs.outbox.unfinished(-1_000, 100) if not isinstance(job, Notify)]


async def test_a_follow_changes_the_counts_of_both_and_leaves_its_job(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    job = await follow(opened, alice, bob)
    assert await opened.users.follows.followees(alice) == [bob]
    assert await counts(opened, alice, bob) == [UserCounts(0, 1, 0), UserCounts(1, 0, 0)]
    assert await left_to_do(opened) == [job]


async def test_a_follow_done_twice_is_done_once(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    job = await follow(opened, alice, bob)
    assert not await opened.users.follows.insert(Merge(opened.ids(), alice, bob))
    assert await counts(opened, alice, bob) == [UserCounts(0, 1, 0), UserCounts(1, 0, 0)]
    assert await left_to_do(opened) == [job]


async def test_who_follows_already_needs_no_leave_to_do_so_again(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    await follow(opened, alice, bob)
    await opened.mongo.collection("users").update_one({"_id": bob}, {"$set": {"is_protected": True}})
    assert not await opened.users.follows.insert(Merge(opened.ids(), alice, bob))
    assert await counts(opened, alice, bob) == [UserCounts(0, 1, 0), UserCounts(1, 0, 0)]


async def test_an_unfollow_takes_all_back_and_done_twice_is_done_once(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    merge, unmerge = await follow(opened, alice, bob), await unfollow(opened, alice, bob)
    assert not await opened.users.follows.delete(Unmerge(opened.ids(), alice, bob))
    assert await opened.users.follows.followees(alice) == []
    assert await counts(opened, alice, bob) == [UserCounts(), UserCounts()]
    assert await left_to_do(opened) == [unmerge]
    changes = (await opened.jobs.outbox.view_changes([alice]))[alice]
    assert [(act_id, change.kind) for act_id, change in changes.items()] == [
        (merge.act_id, ViewChangeKind.FOLLOWED),
        (unmerge.act_id, ViewChangeKind.UNFOLLOWED),
    ]


async def test_following_is_one_way(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    await follow(opened, alice, bob)
    assert not await opened.users.follows.delete(Unmerge(opened.ids(), bob, alice))
    assert (await opened.users.follows.followees(alice), await opened.users.follows.followees(bob)) == ([bob], [])


async def test_of_one_follow_sent_many_times_at_once_one_counts(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    acts = [Merge(opened.ids(), alice, bob) for _ in range(10)]
    done = await asyncio.gather(*map(opened.users.follows.insert, acts))
    assert sorted(done) == [False] * 9 + [True]
    assert await counts(opened, alice, bob) == [UserCounts(0, 1, 0), UserCounts(1, 0, 0)]
    assert await left_to_do(opened) == [acts[done.index(True)]]


async def test_many_who_follow_a_celebrity_at_once_are_all_counted(opened: Stores) -> None:
    celebrity, *fans = await new_users(opened, "celebrity", *["fan"] * 25)
    await asyncio.gather(*[follow(opened, fan, celebrity) for fan in fans])
    assert {edge.user_id for edge in await opened.users.follows.followers(celebrity, None, 100)} == set(fans)
    assert await counts(opened, celebrity) == [UserCounts(25, 0, 0)]


async def test_people_who_follow_each_other_at_once_do_not_wait_for_each_other(opened: Stores) -> None:
    people = await new_users(opened, "alice", "bob", "carol")
    pairs = [(one, other) for one in people for other in people if one != other]
    await asyncio.gather(*[follow(opened, one, other) for one, other in pairs])
    assert await counts(opened, *people) == [UserCounts(2, 2, 0)] * 3
    await asyncio.gather(*[unfollow(opened, one, other) for one, other in pairs])
    assert await counts(opened, *people) == [UserCounts()] * 3


async def test_an_id_made_twice_is_not_mistaken_for_a_follow_done_before(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    job = await follow(opened, alice, bob)
    with pytest.raises(UnavailableError):
        await opened.users.follows.insert(Merge(job.act_id, alice, carol))
    assert await opened.users.follows.followees(alice) == [bob]
    assert await counts(opened, alice, carol) == [UserCounts(0, 1, 0), UserCounts()]
    assert await left_to_do(opened) == [job]


async def test_a_follow_of_an_account_that_is_gone_is_taken_back_by_who_counts_it(opened: Stores) -> None:
    alice, gone = await new_users(opened, "alice", "gone")
    await opened.users.accounts.begin_deletion(DeleteAccount(opened.ids(), gone))
    for followee in (gone, UserId(1 << 50)):
        await follow(opened, alice, followee)
        await count_users(opened, [alice, followee])
        assert await opened.users.follows.followees(alice) == []
    assert await counts(opened, alice) == [UserCounts()]
    assert await opened.users.pending_counts.is_empty()


async def test_an_undoing_whose_counts_go_one_beside_the_other_leaves_no_document(opened: Stores) -> None:
    alice, gone = await new_users(opened, "alice", "gone")
    pending, outbox = opened.users.pending_counts, opened.jobs.outbox
    await follow(opened, alice, gone)
    await count_users(opened, [alice, gone])
    job = await unfollow(opened, alice, gone)
    seen = await pending.pending_of(gone)
    await pending.apply([alice])
    await pending.drop(seen)
    await outbox.finish(job)
    await outbox.give_up(unfollow_notice(job))
    assert seen
    assert await opened.mongo.collection("undone_acts").find_one({"_id": job.act_id}) is None


async def test_a_follow_beside_a_protection_becomes_a_request(opened: Stores) -> None:
    """By the ids of the acts: one that is older than the protection stands."""
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    await follow(opened, carol, bob)
    await protect(opened, bob)
    await follow(opened, alice, bob)
    await count_users(opened, [bob])
    assert await opened.users.follows.followees(alice) == []
    assert await opened.users.follows.followees(carol) == [bob]
    assert await sources_of(opened.users.follow_requests, bob) == [alice]


async def test_a_follow_beside_a_block_is_taken_back_whoever_blocks(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    await opened.users.blocks.insert(opened.ids(), alice, bob)
    await opened.users.blocks.insert(opened.ids(), bob, carol)
    for other in (alice, carol):
        await follow(opened, other, bob)
        await count_users(opened, [bob, other])
        assert await opened.users.follows.followees(other) == []
    assert await sources_of(opened.users.follow_requests, bob) == []


async def test_a_follow_that_was_accepted_stands_whenever_the_account_was_protected(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    await protect(opened, bob)
    assert await opened.users.follow_requests.request(opened.ids(), alice, bob)
    assert await opened.users.follow_requests.accept(Merge(opened.ids(), alice, bob))
    await count_users(opened, [alice, bob])
    assert await opened.users.follows.followees(alice) == [bob]
    assert await counts(opened, alice, bob) == [UserCounts(0, 1, 0), UserCounts(1, 0, 0)]


async def protect(stores: Stores, user_id: UserId) -> None:
    job = PublishProtection(stores.ids(), user_id, is_protected=True)
    assert await stores.users.accounts.update_profile(user_id, {"is_protected": True}, publish_protection=job)


async def test_lists_show_the_newest_act_first_and_go_on_from_a_place(opened: Stores) -> None:
    alice, bob, carol, dave = await new_users(opened, "alice", "bob", "carol", "dave")
    acts = [await follow(opened, follower, alice) for follower in (carol, bob, dave)]
    edges = [FollowEdge(act.act_id, act.follower_id) for act in reversed(acts)]
    assert await opened.users.follows.followers(alice, None, 10) == edges
    assert await opened.users.follows.followers(alice, None, 2) == edges[:2]
    assert await opened.users.follows.followers(alice, edges[0].act_id, 2) == edges[1:]
    assert await opened.users.follows.followers(alice, acts[0].act_id, 2) == []
    assert await opened.users.follows.following(bob, None, 10) == [FollowEdge(acts[1].act_id, alice)]


async def test_a_place_in_a_list_outlives_its_edge(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    first, second = await follow(opened, alice, bob), await follow(opened, alice, carol)
    await unfollow(opened, alice, carol)
    assert await opened.users.follows.following(alice, second.act_id, 10) == [FollowEdge(first.act_id, bob)]


async def test_pages_of_followers_hold_each_once_and_whoever_comes_meanwhile(opened: Stores) -> None:
    alice, *fans = await new_users(opened, "alice", *["fan"] * 5)
    for fan in fans[:4]:
        await follow(opened, fan, alice)
    pages = opened.users.follows.follower_pages(alice, 2)
    seen = [await anext(pages)]
    await follow(opened, fans[4], alice)
    seen += [page async for page in pages]
    assert seen == [fans[:2], fans[2:4], fans[4:]]


async def test_the_followed_and_the_followers_among_some(opened: Stores) -> None:
    alice, bob, carol, dave = await new_users(opened, "alice", "bob", "carol", "dave")
    await follow(opened, alice, bob)
    await follow(opened, alice, carol)
    await follow(opened, dave, alice)
    assert await opened.users.follows.followed_among(alice, [bob, dave]) == {bob}
    assert await opened.users.follows.followers_among(alice, [bob, dave]) == {dave}
    assert await opened.users.follows.followed_among(alice, []) == set()


async def test_known_followers_are_those_among_some_newest_first(opened: Stores) -> None:
    alice, bob, carol, dave = await new_users(opened, "alice", "bob", "carol", "dave")
    acts = {user: await follow(opened, user, alice) for user in (bob, carol, dave)}
    known = [FollowEdge(acts[user].act_id, user) for user in (dave, bob)]
    assert await opened.users.follows.known_followers(alice, [bob, dave, alice], None, 10) == known
    assert await opened.users.follows.known_followers(alice, [bob, dave], acts[dave].act_id, 10) == known[1:]
    assert await opened.users.follows.known_followers(alice, [bob, dave], None, 1) == known[:1]


async def test_whom_most_of_some_follow_comes_first_and_those_left_out_never(opened: Stores) -> None:
    some = await new_users(opened, "one", "two", "three")
    first, second, third, known = await new_users(opened, "first", "second", "third", "known")
    for followee, times in ((second, 2), (first, 3), (third, 2), (known, 3)):
        for follower in some[:times]:
            await follow(opened, follower, followee)
    assert await opened.users.follows.followed_by_most(some, [known], 10) == [(first, 3), (second, 2), (third, 2)]
    assert await opened.users.follows.followed_by_most(some, [known], 1) == [(first, 3)]
    assert await opened.users.follows.followed_by_most([], [], 10) == []


async def test_followers_of_several_are_each_once(opened: Stores) -> None:
    alice, bob, carol, dave = await new_users(opened, "alice", "bob", "carol", "dave")
    for follower, followee in ((carol, alice), (carol, bob), (dave, bob), (alice, dave)):
        await follow(opened, follower, followee)
    assert await opened.users.follows.followers_of([alice, bob]) == {carol, dave}
    assert await opened.users.follows.followers_of([await new_user(opened)]) == set()
