"""The consistency check finds and repairs wrong counts, and does not mistake pending increments for them."""

import asyncio

import pytest

from core.ids import TweetId
from datastore.counts.consistency_check import WrongCount, repair_sample
from datastore.counts.increments import TWEET_COUNTERS, USER_COUNTERS
from datastore.records.items import RetweetRecord
from datastore.records.users import UserCounts
from datastore.stores import Stores
from tests.datastore.admin.importer.imports import Ended, run
from tests.datastore.opened import follow, new_tweet, new_user, new_users
from workers.__main__ import main
from workers.counting import count, count_users


async def liked_and_retweeted(opened: Stores) -> TweetId:
    author = await new_user(opened)
    tweet = await new_tweet(opened, author)
    for _ in range(3):
        await opened.tweets.likes.like(opened.ids(), await new_user(opened), tweet.id)
    await opened.tweets.retweets.insert(RetweetRecord(TweetId(opened.ids()), await new_user(opened), tweet.id, author))
    return tweet.id


async def test_right_counts_stay_while_increments_are_pending(opened: Stores) -> None:
    tweet_id = await liked_and_retweeted(opened)
    assert (await repair_sample(opened.mongo, TWEET_COUNTERS, 100)).wrong == []
    await count(opened, [tweet_id])
    result = await repair_sample(opened.mongo, TWEET_COUNTERS, 100)
    assert (result.checked, result.wrong) == (1, [])
    (counts,) = await opened.tweets.counts.get_many([tweet_id])
    assert (counts.likes, counts.retweets) == (3, 1)


async def test_wrong_counts_are_reported_and_repaired_beside_pending_increments(opened: Stores) -> None:
    tweet_id = await liked_and_retweeted(opened)
    await count(opened, [tweet_id])
    await opened.tweets.likes.like(opened.ids(), await new_user(opened), tweet_id)
    tweets = opened.mongo.collection("tweets")
    await tweets.update_one({"_id": tweet_id}, {"$set": {"counts.likes": 77, "counts.quotes": -1, "score": 5}})
    result = await repair_sample(opened.mongo, TWEET_COUNTERS, 100)
    assert sorted(result.wrong) == [WrongCount(tweet_id, "likes", 77, 3), WrongCount(tweet_id, "quotes", -1, 0)]
    await count(opened, [tweet_id])
    row = await tweets.find_one({"_id": tweet_id})
    assert row["counts"] == {"likes": 4, "retweets": 1, "quotes": 0, "replies": 0}
    assert row["score"] == 6


async def test_wrong_counts_of_users_are_repaired_beside_pending_followers(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    await follow(opened, bob, alice)
    await new_tweet(opened, bob)
    await count_users(opened, [alice, bob])
    await follow(opened, carol, alice)
    assert await repair_sample(opened.mongo, USER_COUNTERS, 100) == (3, [])
    users = opened.mongo.collection("users")
    await users.update_one({"_id": alice}, {"$set": {"counts.followers": 9}})
    await users.update_one({"_id": bob}, {"$set": {"counts.following": 0, "counts.tweets": 5}})
    result = await repair_sample(opened.mongo, USER_COUNTERS, 100)
    assert sorted(result.wrong) == sorted(
        [WrongCount(alice, "followers", 9, 1), WrongCount(bob, "following", 0, 1), WrongCount(bob, "tweets", 5, 1)]
    )
    await count_users(opened, [alice])
    await opened.users.counts.invalidate(alice, bob)
    assert await opened.users.counts.get_many([alice, bob]) == [UserCounts(2, 0, 0), UserCounts(0, 1, 1)]
    assert await repair_sample(opened.mongo, USER_COUNTERS, 100) == (3, [])


async def test_command_says_what_was_wrong_mends_it_and_ends(
    opened: Stores, store_database: str, redis_url: str
) -> None:
    async def verify() -> Ended:
        return await run(store_database, redis_url, "counters", "--verify", "--sample", "100", room="workers")

    tweet_id = await liked_and_retweeted(opened)
    await count(opened, [tweet_id])
    await opened.tweets.counts.get_many([tweet_id])
    await opened.mongo.collection("tweets").update_one({"_id": tweet_id}, {"$set": {"counts.likes": 9}})
    assert await verify() == Ended(
        1, f"tweet {tweet_id}: likes stood at 9, mended to 3\n1 tweets and 5 people recounted, 1 counts mended\n", ""
    )
    assert (await opened.tweets.counts.get_many([tweet_id]))[0].likes == 3
    assert await verify() == Ended(0, "1 tweets and 5 people recounted, 0 counts mended\n", "")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("--verify", "--verify goes with counters alone"),
        ("counters fanout --verify", "--verify goes with counters alone"),
        ("counters --verify --sample 0", "'0' is no number from 1 on"),
        ("counter", "no such worker: counter"),
    ],
)
def test_command_that_makes_no_sense_is_refused(words: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err


async def test_counts_are_read_while_an_index_is_made(opened: Stores) -> None:
    tweet_id = await liked_and_retweeted(opened)
    increments = opened.mongo.collection(TWEET_COUNTERS.increments)
    for _ in range(5):
        making = asyncio.ensure_future(increments.create_index([("step", 1)]))
        for _ in range(5):
            await opened.tweets.counts.enqueue(tweet_id)
            assert (await opened.tweets.counts.get_many([tweet_id]))[0].likes == 3
        await making
        await increments.drop_index("step_1")
