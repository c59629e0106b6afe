"""Compares stored counts with the stored acts."""

from core.ids import TweetId, UserId
from datastore.stores import Stores


async def compare(stores: Stores) -> None:
    """Compares every count of tweets with the stored acts."""
    database, right = stores.mongo, dict[int, dict[str, int]]()
    async for row in database.collection("tweets").find({"retweet_of": None}, {"_id": 1}):
        right[row["_id"]] = dict.fromkeys(("likes", "retweets", "quotes", "replies"), 0)
    async for row in database.collection("likes").find({}):
        right[row["target"]]["likes"] += 1
    async for row in database.collection("tweets").find({}):
        for counted, field in (("retweets", "retweet_of"), ("quotes", "quoted"), ("replies", "reply_to")):
            if row.get(field) in right:
                right[row[field]][counted] += 1
    for tweet_id, expected in right.items():
        score = expected["likes"] + 2 * expected["retweets"] + 3 * expected["replies"]
        assert await stored(stores, TweetId(tweet_id)) == (expected, score)
    counts = (stores.tweets.pending_counts, stores.users.pending_counts)
    assert all([await one.is_empty() for one in counts])


async def compare_people(stores: Stores) -> None:
    """Compares every count of users with the stored edges and tweets, none of which refers to a deleted account."""
    right = {
        row["_id"]: dict.fromkeys(("followers", "following", "tweets"), 0)
        async for row in stores.mongo.collection("users").find({}, {"_id": 1})
    }
    async for row in stores.mongo.collection("follows").find({}):
        right[row["followee"]]["followers"] += 1
        right[row["follower"]]["following"] += 1
    async for row in stores.mongo.collection("tweets").find({"retweet_of": None}, {"author": 1}):
        right[row["author"]]["tweets"] += 1
    assert {user_id: await stored_of_person(stores, UserId(user_id)) for user_id in right} == right


async def stored(stores: Stores, tweet_id: TweetId) -> tuple[dict[str, int], int]:
    """Stored counts and score of the document."""
    row = await stores.mongo.collection("tweets").find_one({"_id": tweet_id})
    return row["counts"], row["score"]


async def stored_of_person(stores: Stores, user_id: UserId) -> dict[str, int]:
    row = await stores.mongo.collection("users").find_one({"_id": user_id})
    counts: dict[str, int] = row["counts"]
    return counts
