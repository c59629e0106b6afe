"""Decisions that stand about a tweet, in fields of its document: `removed` and `markedSensitive` hold their ids.

A removed tweet counts nowhere. It keeps its likes, retweets and place, so that it comes back as it was.
"""

from collections.abc import Mapping
from typing import Any, Final

from core.ids import UserId
from datastore.counts.increments import TWEET_COUNTERS, USER_COUNTERS, increment
from datastore.counts.left_out import BY_SUSPENDED
from datastore.mongo.client import Document, Mongo
from datastore.records.items import COLLECTION

REMOVED: Final = "removed"
MARKED_SENSITIVE: Final = "markedSensitive"
IS_REMOVED: Final[Document] = {REMOVED: {"$gt": 0}}
NOT_REMOVED: Final[Document] = {REMOVED: {"$exists": False}}
REMOVED_TAGGED: Final = "removed_tagged"
"""Index of removed tweets by their hashtags."""
_OF_PARENT: Final = (("reply_to", "replies"), ("quoted", "quotes"))


async def remove(mongo: Mongo, session: Any, tweet: Mapping[str, Any], decision_id: int) -> None:
    """`tweet`: its document as the transaction found it. What of it is counted is taken off, what is not is dropped."""
    if USER_COUNTERS.field not in tweet:
        fewer = {"$inc": {"counts.tweets": -1}}
        await mongo.collection("users").update_one({"_id": tweet["author"]}, fewer, session=session)
    uncounted = {one["of"] for one in tweet.get(TWEET_COUNTERS.field, ())}
    taken = [
        {"target": tweet[field], "counted": counted, "step": -1}
        for field, counted in _OF_PARENT
        if tweet[field] is not None and tweet[field] not in uncounted and BY_SUSPENDED not in tweet
    ]
    if taken:
        await mongo.collection(TWEET_COUNTERS.increments).insert_many(taken, session=session)
    change = {"$set": {REMOVED: decision_id}, "$unset": {TWEET_COUNTERS.field: 1, USER_COUNTERS.field: 1}}
    await _update(mongo, session, tweet, change)


async def restore(mongo: Mongo, session: Any, tweet: Mapping[str, Any], decision_id: int) -> bool:
    """Counts it again. False if another decision removed it."""
    if tweet.get(REMOVED) != decision_id:
        return False
    parents = () if BY_SUSPENDED in tweet else _OF_PARENT
    uncounted = [increment(tweet[field], counted) for field, counted in parents if tweet[field] is not None]
    counted = {
        USER_COUNTERS.field: [increment(tweet["author"], "tweets")],
        **({TWEET_COUNTERS.field: uncounted} if uncounted else {}),
    }
    await _update(mongo, session, tweet, {"$unset": {REMOVED: 1}, "$set": counted})
    return True


async def mark_sensitive(mongo: Mongo, session: Any, tweet: Mapping[str, Any], decision_id: int) -> None:
    await _update(mongo, session, tweet, {"$set": {MARKED_SENSITIVE: decision_id}})


async def unmark_sensitive(mongo: Mongo, session: Any, tweet: Mapping[str, Any], decision_id: int) -> None:
    """Leaves the mark of another decision, and of the author."""
    if tweet.get(MARKED_SENSITIVE) == decision_id:
        await _update(mongo, session, tweet, {"$unset": {MARKED_SENSITIVE: 1}})


async def removed_among(mongo: Mongo, query: Mapping[str, Any]) -> set[int]:
    """Ids of removed tweets with the hashtag of the query. They are few, and have an index."""
    tweets = mongo.lagging_collection(COLLECTION)
    found = tweets.find({**query, **IS_REMOVED}, {"_id": 1}).hint(REMOVED_TAGGED)
    return {row["_id"] async for row in found}


async def _update(mongo: Mongo, session: Any, tweet: Mapping[str, Any], change: Document) -> None:
    query = {"_id": tweet["_id"], "author": UserId(tweet["author"])}
    await mongo.collection(COLLECTION).update_one(query, change, session=session)
