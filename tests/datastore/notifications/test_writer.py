"""Notification writer: each act counts once, however often and in whatever order jobs run."""

import asyncio
import random

from core.ids import TweetId, UserId, compose, wall_ms
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import DeleteAccount, Merge, Notify, Retract
from datastore.notifications.equal_texts import GROUP_MS
from datastore.notifications.reader import (
    NotificationAudience,
    NotificationFilter,
    NotificationKind,
    NotificationRecord,
)
from datastore.records.items import ItemKind, TweetRecord
from datastore.stores import Stores
from datastore.timelines.changes import NotificationChangeKind, UnpublishedChange
from datastore.tweets.likes import like_notice, unlike_notice
from datastore.tweets.store import post_notice
from tests.datastore.opened import delete_tweet, new_tweet, new_user, new_users, tweet_of
from workers.accounts import delete_account

NOW_MS = wall_ms()
KINDS = NotificationKind


async def like(stores: Stores, who: UserId, tweet: TweetRecord, *, hours: float = 0) -> Notify:
    """Returns the job of an act so many hours from now."""
    act_id = stores.ids() if not hours else compose(NOW_MS + int(hours * 3_600_000), 1, who % 4096)
    assert await stores.tweets.likes.like(act_id, who, tweet.id)
    return like_notice(act_id, who, tweet.id)


async def unlike(stores: Stores, who: UserId, tweet: TweetRecord) -> Notify:
    undo_id = stores.ids()
    assert await stores.tweets.likes.unlike(undo_id, who, tweet.id)
    return unlike_notice(undo_id, who, tweet.id)


async def carry_out(stores: Stores, *jobs: Notify) -> list[UnpublishedChange]:
    """Runs and finishes each job, as a worker does."""
    published = []
    for job in jobs:
        published += await stores.notifications.writer.apply([job])
        await stores.jobs.outbox.finish(job)
    return published


async def groups(stores: Stores, user_id: UserId) -> list[NotificationRecord]:
    return await stores.notifications.reader.range(user_id, NotificationFilter.ALL, (None, 100), without=())


async def actors(stores: Stores, user_id: UserId) -> list[tuple[UserId, ...]]:
    return [group.actors for group in await groups(stores, user_id)]


async def kinds(stores: Stores, user_id: UserId) -> list[NotificationKind]:
    return [group.kind for group in await groups(stores, user_id)]


async def rows(stores: Stores) -> int:
    """All stored rows of notifications."""
    names = ("notifications", "notification_acts", "notices", "undone_acts")
    return sum([await stores.mongo.collection(name).count_documents({}) for name in names])


async def test_a_job_that_runs_twice_counts_once(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    job = await like(opened, bob, await new_tweet(opened, alice))
    published = [await opened.notifications.writer.apply([job]) for _ in range(2)]
    (group,) = await groups(opened, alice)
    assert published == [[UnpublishedChange(alice, NotificationChangeKind.CHANGED, group.id, 1)], []]
    assert await opened.notifications.writer.users_of([job]) == {alice}
    assert (group.actors, group.actor_count, group.first, group.last) == ((bob,), 1, job.act_id, job.act_id)
    await opened.jobs.outbox.finish(job)
    assert await opened.notifications.writer.apply([job]) == []
    assert await groups(opened, alice) == [group]


async def test_a_job_that_runs_beside_itself_counts_once(opened: Stores) -> None:
    alice, *fans = await new_users(opened, "alice", *["fan"] * 5)
    tweet = await new_tweet(opened, alice)
    jobs = [await like(opened, fan, tweet) for fan in fans]
    await asyncio.gather(*[carry_out(opened, job) for job in jobs * 3])
    (group,) = await groups(opened, alice)
    assert (group.actors, group.actor_count) == (tuple(fans[::-1]), 5)


async def test_undoing_that_overtakes_the_act_leaves_nothing(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    tweet = await new_tweet(opened, alice)
    done, undone = await like(opened, bob, tweet), await unlike(opened, bob, tweet)
    assert await carry_out(opened, undone, done, undone, done) == []
    assert await rows(opened) == 0


async def test_any_order_beside_each_other_ends_at_what_stands(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    tweet = await new_tweet(opened, alice)
    kept = await like(opened, carol, tweet)
    jobs = [kept]
    for _ in range(4):
        jobs += [await like(opened, bob, tweet), await unlike(opened, bob, tweet)]
    last = await like(opened, bob, tweet)
    jobs += [last, *jobs]
    random.Random(7).shuffle(jobs)
    await asyncio.gather(*[carry_out(opened, job) for job in jobs])
    (group,) = await groups(opened, alice)
    assert (group.actors, group.actor_count) == ((bob, carol), 2)
    assert (group.first, group.last) == (kept.act_id, last.act_id)


async def test_group_takes_in_acts_for_twelve_hours_from_its_first(opened: Stores) -> None:
    alice, *fans = await new_users(opened, "alice", *["fan"] * 4)
    tweet = await new_tweet(opened, alice)
    hours = [0.001, GROUP_MS / 3_600_000, GROUP_MS / 3_600_000 + 0.002, 13]
    jobs = [await like(opened, fan, tweet, hours=hour) for fan, hour in zip(fans, hours, strict=True)]
    await carry_out(opened, *jobs)
    assert await actors(opened, alice) == [(fans[3], fans[2]), (fans[1], fans[0])]


async def test_group_that_was_read_takes_in_nothing_more(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    tweet = await new_tweet(opened, alice)
    await carry_out(opened, await like(opened, bob, tweet))
    job = await opened.notifications.reader.mark_read(opened.ids(), alice, None)
    assert job is not None
    assert (job.user_id, job.version) == (alice, 2)
    assert await opened.notifications.reader.mark_read(opened.ids(), alice, None) is None
    await carry_out(opened, await like(opened, carol, tweet))
    assert [(group.actors, group.is_read) for group in await groups(opened, alice)] == [
        ((carol,), False),
        ((bob,), True),
    ]


async def test_reading_up_to_a_place_takes_older_ones_along(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    jobs = [await like(opened, bob, await new_tweet(opened, alice)) for _ in range(3)]
    await carry_out(opened, *jobs)
    await opened.notifications.reader.mark_read(opened.ids(), alice, jobs[1].act_id)
    assert [group.is_read for group in await groups(opened, alice)] == [False, True, True]


async def test_groups_show_the_newest_eight_and_count_all_but_those_left_out(opened: Stores) -> None:
    alice, *fans = await new_users(opened, "alice", *["fan"] * 11)
    tweet = await new_tweet(opened, alice)
    await carry_out(opened, *[await like(opened, fan, tweet) for fan in fans])
    (group,) = await groups(opened, alice)
    assert (group.actors, group.actor_count) == (tuple(fans[:2:-1]), 11)
    found = await opened.notifications.reader.get(alice, group.id, without=[fans[10], fans[0], UserId(1)])
    assert found is not None
    assert (found.actors, found.actor_count) == (tuple(fans[9:1:-1]), 9)
    assert await opened.notifications.reader.get(fans[0], group.id, without=()) is None


async def test_one_tweet_tells_each_person_one_thing(opened: Stores) -> None:
    alice, bob, carol, dave = await new_users(opened, "alice", "bob", "carol", "dave")
    answered, quoted = await new_tweet(opened, alice), await new_tweet(opened, bob)
    base = tweet_of(TweetId(opened.ids()), dave, answered)
    tweet = TweetRecord(
        **{name: getattr(base, name) for name in base.__struct_fields__}
        | {"quoted_id": quoted.id, "mentioned": (alice, bob, carol, dave, None)}
    )
    await opened.tweets.items.insert(tweet)
    job = post_notice(tweet)
    assert job is not None
    await carry_out(opened, job)
    by_user = {name: await kinds(opened, user) for name, user in zip("abcd", (alice, bob, carol, dave), strict=True)}
    assert by_user == {"a": [KINDS.REPLY], "b": [KINDS.QUOTE], "c": [KINDS.MENTION], "d": []}


async def test_posts_that_are_for_nobody_leave_no_notice(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    await new_tweet(opened, alice, await new_tweet(opened, alice))
    assert await rows(opened) == 0


async def test_deleted_tweet_takes_all_that_was_told_of_it(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    tweet = await new_tweet(opened, alice)
    reply = await new_tweet(opened, bob, tweet)
    late = await like(opened, carol, tweet)
    jobs = [
        job for job in [post_notice(reply), await like(opened, bob, tweet), await like(opened, alice, reply)] if job
    ]
    await carry_out(opened, *jobs)
    assert (await kinds(opened, alice), await kinds(opened, bob)) == ([KINDS.LIKE, KINDS.REPLY], [KINDS.LIKE])

    act = Retract(opened.ids(), tweet.id, alice, ItemKind.TWEET)
    assert await opened.tweets.items.delete(act)
    undone = Notify(tweet.id, ActKind.POST, alice, is_undone=True)
    await asyncio.gather(*[carry_out(opened, job) for job in (late, undone, undone, late)])
    assert (await kinds(opened, alice), await kinds(opened, bob)) == ([KINDS.REPLY], [KINDS.LIKE])

    await delete_tweet(opened, reply)
    await carry_out(opened, Notify(reply.id, ActKind.POST, bob, is_undone=True))
    assert await rows(opened) == 0


async def test_audience_is_asked_when_the_act_is_told(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    await opened.users.follows.insert(Merge(opened.ids(), alice, bob))
    tweet = await new_tweet(opened, alice)
    chosen = opened.notifications.reader
    assert set((await chosen.preferences(alice)).values()) == {NotificationAudience.EVERYONE}
    await chosen.set_preference(alice, KINDS.LIKE, NotificationAudience.FOLLOWING)
    await carry_out(opened, await like(opened, carol, tweet), await like(opened, bob, tweet))
    assert await actors(opened, alice) == [(bob,)]
    await chosen.set_preference(alice, KINDS.LIKE, NotificationAudience.NOBODY)
    await unlike(opened, carol, tweet)
    await carry_out(opened, await like(opened, carol, tweet))
    assert await actors(opened, alice) == [(bob,)]
    preferences = await chosen.preferences(alice)
    assert preferences.pop(KINDS.LIKE) is NotificationAudience.NOBODY
    assert set(preferences.values()) == {NotificationAudience.EVERYONE}


async def test_nobody_is_told_by_whom_they_block_or_mute_or_who_blocks_them(opened: Stores) -> None:
    alice, blocked, blocker, muted = await new_users(opened, "alice", "blocked", "blocker", "muted")
    tweet = await new_tweet(opened, alice)
    jobs = [await like(opened, who, tweet) for who in (blocked, blocker, muted, alice)]
    await opened.users.mutes.insert(opened.ids(), alice, muted)
    for one, other in ((alice, blocked), (blocker, alice)):
        await opened.mongo.collection("blocks").insert_one({"_id": opened.ids(), "user": one, "target": other})
    assert await carry_out(opened, *jobs) == []
    assert await rows(opened) == 0


async def test_deleted_account_leaves_nothing_in_anybodys_notifications(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    tweet, hers = await new_tweet(opened, alice), await new_tweet(opened, bob)
    jobs = [await like(opened, bob, tweet), await like(opened, carol, tweet), await like(opened, alice, hers)]
    await carry_out(opened, *jobs)
    late = await like(opened, bob, await new_tweet(opened, alice))
    act = DeleteAccount(opened.ids(), bob)
    await opened.users.accounts.begin_deletion(act)
    await delete_account(opened, act)
    await carry_out(opened, late)
    assert (await actors(opened, alice), await actors(opened, bob)) == ([(carol,)], [])
    left = await opened.mongo.collection("notification_acts").find_one({"$or": [{"actor": bob}, {"user": bob}]})
    assert left is None


async def test_acts_towards_somebody_who_left_are_told_to_nobody(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    job = await like(opened, bob, await new_tweet(opened, alice))
    await opened.users.accounts.begin_deletion(DeleteAccount(opened.ids(), alice))
    assert await carry_out(opened, job) == []
    assert await groups(opened, alice) == []
