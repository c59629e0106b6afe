"""Likes: one document for each person and tweet, counted in the same transaction."""

from typing import Any

from core.ids import TweetId, UserId
from datastore.edges import EdgeStore
from datastore.jobs import ActKind, Notify
from datastore.mongo import Mongo, away_as_unavailable
from datastore.outbox import Outbox
from datastore.standing import hold_person
from datastore.tweets import Counted, TweetStore


class LikeStore(EdgeStore):
    """From a person to a tweet."""

    def __init__(self, mongo: Mongo, outbox: Outbox, tweets: TweetStore) -> None:
        super().__init__(mongo, "likes")
        self._mongo, self._outbox, self._tweets = mongo, outbox, tweets

    async def like(self, act_id: int, user_id: UserId, tweet_id: TweetId) -> Notify | None:
        """The job that follows; None where they liked it before.

        Raises GoneError where the person or the tweet is gone.
        """

        async def act(session: Any) -> Notify | None:
            if not await self.insert(act_id, user_id, tweet_id, session=session):
                return None
            await hold_person(self._mongo, session, user_id, act_id)
            return await self._counted(session, Notify(act_id, ActKind.LIKE, user_id, tweet_id))

        return await self._carry_out(act, user_id, tweet_id)

    async def unlike(self, user_id: UserId, tweet_id: TweetId) -> Notify | None:
        """The job that follows; None where they did not like it."""

        async def act(session: Any) -> Notify | None:
            act_id = await self.take(user_id, tweet_id, session=session)
            if act_id is None:
                return None
            return await self._counted(session, Notify(act_id, ActKind.LIKE, user_id, tweet_id, is_undone=True))

        return await self._carry_out(act, user_id, tweet_id)

    async def _counted(self, session: Any, notice: Notify) -> Notify:
        await self._outbox.add(session, notice)
        await self._tweets.count(session, TweetId(notice.target), Counted.LIKES, -1 if notice.is_undone else 1)
        return notice

    async def _carry_out(self, act: Any, user_id: UserId, tweet_id: TweetId) -> Notify | None:
        with away_as_unavailable():
            notice: Notify | None = await self._mongo.in_transaction(act, changing=(user_id,))
        if notice is not None:
            await self._tweets.counted(tweet_id)
        return notice
