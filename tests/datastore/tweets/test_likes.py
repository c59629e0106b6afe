"""Likes: joined writes, each with its own outcome, and all that is left to be done in the documents of the acts."""

import asyncio

from core.ids import TweetId, UserId
from datastore.jobs.jobs import Notify
from datastore.mongo.acts import UNDONE
from datastore.stores import Stores
from datastore.tweets.likes import like_notice, unlike_notice
from tests.datastore.opened import new_tweet, new_user, new_users, sources_of
from workers.counting import count


async def unfinished_notices(stores: Stores) -> list[Notify]:
    return [job for job in await stores.jobs.outbox.unfinished(-1_000, 100) if isinstance(job, Notify)]


async def test_concurrent_likes_each_have_their_own_outcome(opened: Stores) -> None:
    author, *fans = await new_users(opened, "author", "fan", "fan")
    tweet = await new_tweet(opened, author)
    assert await opened.tweets.likes.like(opened.ids(), fans[0], tweet.id)
    wanted = [fans[0], fans[1], fans[1]]
    likes = [opened.tweets.likes.like(opened.ids(), fan, tweet.id) for fan in wanted]
    assert sorted(await asyncio.gather(*likes)) == [False, False, True]
    assert set(await sources_of(opened.tweets.likes, tweet.id)) == set(fans)
    assert (await opened.tweets.counts.get_many([tweet.id]))[0].likes == 2


async def test_joined_likes_each_leave_a_notification_job(opened: Stores) -> None:
    author = await new_user(opened)
    fans, tweets = await new_users(opened, *["fan"] * 4), [await new_tweet(opened, author) for _ in range(2)]
    notices = [like_notice(opened.ids(), fan, tweet.id) for fan in fans for tweet in tweets]
    likes = [opened.tweets.likes.like(one.act_id, one.actor_id, TweetId(one.target)) for one in notices]
    assert all(await asyncio.gather(*likes))
    assert sorted(await unfinished_notices(opened), key=lambda job: job.act_id) == notices
    assert [counts.likes for counts in await opened.tweets.counts.get_many([tweet.id for tweet in tweets])] == [4, 4]


async def test_an_undone_like_leaves_what_was_counted_and_told(opened: Stores) -> None:
    author, fan = await new_users(opened, "author", "fan")
    tweet = await new_tweet(opened, author)
    notice = like_notice(opened.ids(), fan, tweet.id)
    await opened.tweets.likes.like(notice.act_id, fan, tweet.id)
    await count(opened, [tweet.id])
    await opened.notifications.writer.apply([notice])
    undo = unlike_notice(opened.ids(), fan, tweet.id)
    assert await opened.tweets.likes.unlike(undo.act_id, fan, tweet.id) == undo.act_id
    assert await opened.tweets.likes.unlike(opened.ids(), fan, tweet.id) is None
    assert (await opened.tweets.counts.get_many([tweet.id]))[0].likes == 0
    assert await unfinished_notices(opened) == [undo]
    await count(opened, [tweet.id])
    await opened.notifications.writer.apply([undo])
    assert await opened.mongo.collection(UNDONE).count_documents({}) == 0


async def test_a_like_undone_before_anybody_counted_it_leaves_nothing(opened: Stores) -> None:
    author, fan = await new_users(opened, "author", "fan")
    tweet = await new_tweet(opened, author)
    await opened.tweets.likes.like(opened.ids(), fan, tweet.id)
    assert await opened.tweets.likes.unlike(opened.ids(), fan, tweet.id)
    assert await unfinished_notices(opened) == []
    assert await opened.tweets.pending_counts.is_empty()
    assert await opened.mongo.collection(UNDONE).count_documents({}) == 0


async def test_likes_by_and_of_what_is_gone_are_taken_back_by_who_counts_them(opened: Stores) -> None:
    author, fan = await new_users(opened, "author", "fan")
    tweet, gone, nobody = await new_tweet(opened, author), TweetId(1 << 50), UserId(1 << 50)
    acts = [(fan, tweet.id), (nobody, tweet.id), (fan, gone)]
    assert all(await asyncio.gather(*[opened.tweets.likes.like(opened.ids(), *act) for act in acts]))
    await count(opened, [tweet.id, gone])
    assert await sources_of(opened.tweets.likes, tweet.id) == [fan]
    assert await sources_of(opened.tweets.likes, gone) == []
    assert (await opened.tweets.counts.get_many([tweet.id]))[0].likes == 1
    assert await opened.tweets.pending_counts.is_empty()
