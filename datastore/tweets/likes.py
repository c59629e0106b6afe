"""Likes: one edge for each user and tweet, whose document is its own outbox (datastore/mongo/acts.py)."""

from core.ids import TweetId, UserId
from datastore.counts.increments import TWEET_COUNTERS, increment
from datastore.counts.left_out import BY_SUSPENDED
from datastore.counts.undo_batch import Undo, UndoBatch, steps_back
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Notify
from datastore.mongo.acts import UNDONE
from datastore.mongo.client import Document, Mongo
from datastore.mongo.edges import EdgeStore
from datastore.tweets.counts import Counted, TweetCountStore


class LikeStore(EdgeStore):
    """Edges from users to tweets. Hand the Notify job over after each act."""

    def __init__(self, mongo: Mongo, counts: TweetCountStore) -> None:
        super().__init__(mongo, "likes")
        self._counts = counts
        self._undos = UndoBatch(mongo, "likes", ("user", "target"), _undone)

    async def like(self, act_id: int, user_id: UserId, tweet_id: TweetId) -> bool:
        """False if the user likes the tweet already."""
        left = {TWEET_COUNTERS.field: [increment(tweet_id, Counted.LIKES)], "untold": act_id}
        is_new = await self.add(act_id, user_id, tweet_id, **left)
        if is_new:
            await self._counts.enqueue(tweet_id)
        return is_new

    async def unlike(self, undo_id: int, user_id: UserId, tweet_id: TweetId) -> int | None:
        """An id above those of like and undoing; None if the user did not like the tweet."""
        undone = await self._undos(Undo(undo_id, user_id, tweet_id))
        if undone is None:
            return None
        await self._counts.enqueue(tweet_id)
        return undone.last_id


def like_notice(act_id: int, user_id: UserId, tweet_id: TweetId) -> Notify:
    """The job that notifies the tweet's author."""
    return Notify(act_id, ActKind.LIKE, user_id, tweet_id)


def unlike_notice(undo_id: int, user_id: UserId, tweet_id: TweetId) -> Notify:
    """The job that removes the notification."""
    return Notify(undo_id, ActKind.LIKE, user_id, tweet_id, is_undone=True)


def _undone(row: Document, undo: Undo) -> dict[str, Document]:
    counted = [] if BY_SUSPENDED in row else [(row["target"], Counted.LIKES)]
    left = steps_back(row, TWEET_COUNTERS.field, counted)
    if "untold" not in row:
        left["untold"] = undo.undo_id
    of_act = {"_id": undo.undo_id, "kind": ActKind.LIKE, "act": row["_id"]}
    return {UNDONE: {**of_act, "user": row["user"], "target": row["target"], **left}} if left else {}
