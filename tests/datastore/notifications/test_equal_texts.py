"""Equal texts that mention one person are one notification."""

from dataclasses import replace

import msgspec

from core.ids import TweetId, UserId
from datastore.jobs.jobs import Merge
from datastore.notifications.reader import NotificationFilter, NotificationKind, NotificationRecord
from datastore.notifications.recipients import text_digest
from datastore.notifications.writer import NotificationWriter
from datastore.records.items import TweetRecord
from datastore.stores import Stores
from datastore.tweets.store import post_notice, unpost_notice
from datastore.users.voices import Voices
from tests.datastore.opened import delete_tweet, new_tweet, new_users, tweet_of
from tests.support.scenarios.accounts import new_accounts


async def mention(
    stores: Stores, author: UserId, user: UserId, text: str, answered: TweetRecord | None = None
) -> TweetRecord:
    """A post whose notifications are made."""
    tweet = tweet_of(TweetId(stores.ids()), author, answered)
    tweet = msgspec.structs.replace(tweet, text=text, mentioned=(user,))
    await stores.tweets.items.insert(tweet)
    notice = post_notice(tweet)
    assert notice is not None
    await stores.notifications.writer.apply([notice])
    return tweet


def with_voices(stores: Stores) -> Stores:
    """The stores as they are where limits are on."""
    voices = Voices(stores.mongo, is_strict=True, requires_verification=False)
    writer = NotificationWriter(stores.mongo, stores.ids, voices)
    return replace(stores, notifications=replace(stores.notifications, writer=writer))


async def groups(stores: Stores, user_id: UserId) -> list[NotificationRecord]:
    return await stores.notifications.reader.range(user_id, NotificationFilter.ALL, (None, 100), without=())


def test_digest_tells_words_apart_and_not_their_case_marks_and_spaces() -> None:
    assert text_digest("Búy  this\n@alice") == text_digest("buy THIS @alice")
    assert text_digest("buy this @alice") != text_digest("buy that @alice")


async def test_equal_texts_of_many_are_one_with_the_oldest_shown(opened: Stores) -> None:
    alice, bob, *others = await new_users(opened, "alice", "bob", *["person"] * 20)
    first = await mention(opened, bob, alice, "hello @alice")
    copies = [await mention(opened, one, alice, "Hello  @ALICE") for one in (*others, bob, others[0])]
    (group,) = await groups(opened, alice)
    assert (group.kind, group.tweet_id, group.actor_count) == (NotificationKind.MENTION, first.id, 21)
    assert group.actors == tuple(others[:-9:-1])
    assert (group.first, group.last) == (first.id, copies[19].id)
    await mention(opened, bob, alice, "hello again @alice")
    await mention(opened, bob, others[0], "hello @alice")
    assert [one.actor_count for one in await groups(opened, alice)] == [1, 21]
    assert [one.actor_count for one in await groups(opened, others[0])] == [1]


async def test_group_outlives_each_of_its_posts_and_ends_with_the_last(opened: Stores) -> None:
    alice, bob, carol, dave = await new_users(opened, "alice", "bob", "carol", "dave")
    posts = [await mention(opened, one, alice, "hello @alice") for one in (bob, carol, dave)]
    for number, post in enumerate(posts):
        (group,) = await groups(opened, alice)
        assert (group.tweet_id, group.actor_count) == (post.id, 3 - number)
        await opened.notifications.writer.apply([unpost_notice(await delete_tweet(opened, post))])
    assert await groups(opened, alice) == []
    assert await opened.mongo.collection("notification_acts").count_documents({}) == 0


async def test_replies_and_mentions_are_grouped_by_kind_and_replies_without_mention_stand_alone(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    tweet = await new_tweet(opened, alice)
    for author in (bob, carol):
        await mention(opened, author, alice, "yes @alice", tweet)
        await mention(opened, author, alice, "yes @alice")
        answer = tweet_of(TweetId(opened.ids()), author, tweet)
        await opened.tweets.items.insert(answer)
        notice = post_notice(answer)
        assert notice is not None
        await opened.notifications.writer.apply([notice])
    found = [(one.kind, one.actor_count) for one in await groups(opened, alice)]
    assert sorted(found) == [("MENTION", 2), ("REPLY", 1), ("REPLY", 1), ("REPLY", 2)]


async def test_read_group_is_not_opened_again(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    await mention(opened, bob, alice, "hello @alice")
    await opened.notifications.reader.mark_read(opened.ids(), alice, None)
    await mention(opened, carol, alice, "hello @alice")
    assert [(one.actors, one.is_read) for one in await groups(opened, alice)] == [((carol,), False), ((bob,), True)]


async def test_copies_of_a_crowd_tell_nothing_and_those_of_others_do(opened: Stores) -> None:
    """New accounts, and old ones of a range that has said it, are a crowd, unless alice follows them."""
    strict = with_voices(opened)
    alice, bob, *crowd = await new_users(opened, "alice", "bob", *["crowd"] * 9)
    followed = crowd.pop()
    ranges = ["198.51.100.0/24"] * 5 + ["203.0.113.0/24", None]
    *neighbours, far, alone = await new_accounts(opened, ranges, hours_old=2)
    await opened.users.follows.insert(Merge(opened.ids(), alice, followed))

    async def told() -> list[tuple[int, tuple[UserId, ...], int, bool]]:
        return [(one.actor_count, one.actors, one.last, one.is_read) for one in await groups(opened, alice)]

    async def copies(*authors: UserId) -> list[TweetId]:
        return [(await mention(strict, one, alice, "buy this @alice")).id for one in authors]

    (first,) = await copies(bob)
    await copies(*crowd)
    assert await told() == [(1, (bob,), first, False)]
    await copies(followed, neighbours[0], *neighbours[1:4], far, *crowd)
    (last,) = await copies(alone)
    await copies(*neighbours, *crowd)
    assert await told() == [(5, (alone, far, neighbours[0], followed, bob), last, False)]

    await opened.notifications.reader.mark_read(opened.ids(), alice, None)
    await copies(*crowd, *neighbours[1:])
    assert await told() == [(5, (alone, far, neighbours[0], followed, bob), last, True)]
    (again,) = await copies(neighbours[0])
    await copies(*crowd, neighbours[1])
    assert (await told())[0] == (1, (neighbours[0],), again, False)


async def test_copy_after_the_first_was_deleted_is_told_and_other_texts_of_a_crowd_are(opened: Stores) -> None:
    strict = with_voices(opened)
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    first = await mention(strict, bob, alice, "hello @alice")
    await mention(strict, carol, alice, "Hello @alice")
    await mention(strict, carol, alice, "hello you @alice")
    assert [(one.actors, one.actor_count) for one in await groups(opened, alice)] == [((carol,), 1), ((bob,), 1)]
    await strict.notifications.writer.apply([unpost_notice(await delete_tweet(opened, first))])
    await mention(strict, carol, alice, "hello @alice")
    assert [(one.actors, one.actor_count) for one in await groups(opened, alice)] == [((carol,), 1)] * 2
