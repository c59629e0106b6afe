"""Recipients of notifications: every kind of act, and every relation that excludes a recipient."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import pytest
from msgspec import structs

from core.ids import TweetId, UserId
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Notify
from datastore.notifications.reader import NotificationAudience, NotificationKind
from datastore.notifications.recipients import Recipient, recipients_of, text_digest
from datastore.records.items import TweetRecord
from datastore.stores import Stores
from datastore.tweets.likes import like_notice
from tests.datastore.opened import delete_tweet, follow, new_tweet, new_users, tweet_of

KINDS = NotificationKind
NOTHING = 1 << 60


class Cast(NamedTuple):
    """Alice wrote the tweet; bob acts."""

    alice: UserId
    bob: UserId
    carol: UserId
    tweet: TweetRecord


@pytest.fixture
async def cast(opened: Stores) -> Cast:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    return Cast(alice, bob, carol, await new_tweet(opened, alice))


async def recipients(stores: Stores, job: Notify) -> list[Recipient]:
    """By the document that such an act has."""
    about = {
        "author": job.actor_id,
        "retweet_of": job.target,
        "retweet_of_author": await _author_of(stores, job.target),
    }
    row: Mapping[str, Any] = {"target": job.target, "follower": job.actor_id, "followee": job.target, **about}
    if job.kind is ActKind.POST:
        found = await stores.mongo.collection("tweets").find_one({"_id": job.act_id})
        if found is None:
            return []
        row = found
    ((_, some),) = await recipients_of(stores.mongo, [(job, row)])
    return some


async def _author_of(stores: Stores, tweet_id: int) -> int:
    tweet = await stores.tweets.items.get(TweetId(tweet_id))
    return 0 if tweet is None else tweet.author_id


async def digest(stores: Stores, job: Notify) -> int:
    """That of a post's text, which tells what mentions of the same person are one notification."""
    tweet = await stores.tweets.items.get(TweetId(job.act_id))
    assert isinstance(tweet, TweetRecord)
    return text_digest(tweet.text)


@pytest.mark.parametrize(("act", "kind"), [(ActKind.LIKE, KINDS.LIKE), (ActKind.RETWEET, KINDS.RETWEET)])
async def test_an_act_on_a_tweet_is_for_its_author(opened: Stores, cast: Cast, act: ActKind, kind: KINDS) -> None:
    job = Notify(opened.ids(), act, cast.bob, cast.tweet.id)
    assert await recipients(opened, job) == [Recipient(cast.alice, kind, cast.tweet.id)]


async def test_a_follow_is_for_that_user(opened: Stores, cast: Cast) -> None:
    job = Notify(opened.ids(), ActKind.FOLLOW, cast.bob, cast.alice)
    assert await recipients(opened, job) == [Recipient(cast.alice, KINDS.FOLLOW, 0)]


async def test_a_post_is_for_whom_it_answers_quotes_and_mentions(opened: Stores, cast: Cast) -> None:
    quoted = await new_tweet(opened, cast.carol)
    (dave,) = await new_users(opened, "dave")
    job = await post(opened, cast, reply_to=cast.tweet, quoted=quoted, mentioned=(dave, None))
    assert set(await recipients(opened, job)) == {
        Recipient(cast.alice, KINDS.REPLY, job.act_id),
        Recipient(cast.carol, KINDS.QUOTE, job.act_id),
        Recipient(dave, KINDS.MENTION, job.act_id, await digest(opened, job)),
    }


async def test_a_user_is_a_recipient_once_by_the_closest_relation(opened: Stores, cast: Cast) -> None:
    other = await new_tweet(opened, cast.alice)
    job = await post(opened, cast, reply_to=cast.tweet, quoted=other, mentioned=(cast.alice,))
    assert await recipients(opened, job) == [Recipient(cast.alice, KINDS.REPLY, job.act_id, await digest(opened, job))]
    job = await post(opened, cast, quoted=other, mentioned=(cast.alice,))
    assert await recipients(opened, job) == [Recipient(cast.alice, KINDS.QUOTE, job.act_id, await digest(opened, job))]


async def test_a_post_that_concerns_nobody_has_no_recipient(opened: Stores, cast: Cast) -> None:
    assert await recipients(opened, await post(opened, cast)) == []


async def test_an_author_is_no_recipient_of_their_own_acts(opened: Stores, cast: Cast) -> None:
    job = Notify(opened.ids(), ActKind.LIKE, cast.alice, cast.tweet.id)
    assert await recipients(opened, job) == []
    own = await new_tweet(opened, cast.bob)
    assert await recipients(opened, await post(opened, cast, reply_to=own, mentioned=(cast.bob,))) == []


async def test_a_deleted_tweet_has_no_recipients(opened: Stores, cast: Cast) -> None:
    job = await post(opened, cast, reply_to=cast.tweet)
    reply = await opened.tweets.items.get(TweetId(job.act_id))
    assert isinstance(reply, TweetRecord)
    await delete_tweet(opened, reply)
    assert await recipients(opened, job) == []
    like = Notify(opened.ids(), ActKind.LIKE, cast.bob, NOTHING)
    assert await recipients(opened, like) == []


async def _recipient_blocks(stores: Stores, cast: Cast) -> None:
    await stores.users.blocks.insert(stores.ids(), cast.alice, cast.bob)


async def _actor_blocks(stores: Stores, cast: Cast) -> None:
    await stores.users.blocks.insert(stores.ids(), cast.bob, cast.alice)


async def _recipient_mutes(stores: Stores, cast: Cast) -> None:
    await stores.users.mutes.insert(stores.ids(), cast.alice, cast.bob)


async def _actor_mutes(stores: Stores, cast: Cast) -> None:
    await stores.users.mutes.insert(stores.ids(), cast.bob, cast.alice)


async def _others_are_blocked(stores: Stores, cast: Cast) -> None:
    await stores.users.blocks.insert(stores.ids(), cast.alice, cast.carol)
    await stores.users.blocks.insert(stores.ids(), cast.carol, cast.bob)


@pytest.mark.parametrize(
    ("relate", "is_recipient"),
    [
        (_recipient_blocks, False),
        (_actor_blocks, False),
        (_recipient_mutes, False),
        (_actor_mutes, True),
        (_others_are_blocked, True),
    ],
)
async def test_blocks_either_way_and_mutes_of_the_actor_exclude_a_recipient(
    opened: Stores, cast: Cast, relate: Callable[[Stores, Cast], Awaitable[None]], *, is_recipient: bool
) -> None:
    await relate(opened, cast)
    job = await post(opened, cast, reply_to=cast.tweet, mentioned=(cast.carol,))
    found = {one.user_id for one in await recipients(opened, job)}
    assert (cast.alice in found) is is_recipient


@pytest.mark.parametrize(
    ("audience", "is_followee", "wanted"),
    [
        (None, False, True),
        (NotificationAudience.EVERYONE, False, True),
        (NotificationAudience.FOLLOWING, False, False),
        (NotificationAudience.FOLLOWING, True, True),
        (NotificationAudience.NOBODY, True, False),
    ],
)
async def test_the_chosen_audience_decides_whether_an_act_is_told(
    opened: Stores, cast: Cast, audience: NotificationAudience | None, *, is_followee: bool, wanted: bool
) -> None:
    if is_followee:
        await follow(opened, cast.alice, cast.bob)
    await opened.notifications.reader.set_preference(cast.alice, KINDS.REPLY, NotificationAudience.NOBODY)
    if audience is not None:
        await opened.notifications.reader.set_preference(cast.alice, KINDS.LIKE, audience)
    act_id = opened.ids()
    await opened.tweets.likes.like(act_id, cast.bob, cast.tweet.id)
    changes = await opened.notifications.writer.apply([like_notice(act_id, cast.bob, cast.tweet.id)])
    assert [change.user_id for change in changes] == [cast.alice] * wanted


async def post(
    stores: Stores,
    cast: Cast,
    *,
    reply_to: TweetRecord | None = None,
    quoted: TweetRecord | None = None,
    mentioned: tuple[UserId | None, ...] = (),
) -> Notify:
    """A post by bob."""
    tweet = tweet_of(TweetId(stores.ids()), cast.bob, reply_to)
    tweet = structs.replace(tweet, quoted_id=None if quoted is None else quoted.id, mentioned=mentioned)
    await stores.tweets.items.insert(tweet)
    return Notify(tweet.id, ActKind.POST, cast.bob)
