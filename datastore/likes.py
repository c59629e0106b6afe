"""Likes: one document for each person and tweet, counted in the same transaction."""

from typing import Any

from core.ids import TweetId, UserId
from datastore.edges import EdgeStore
from datastore.mongo import Mongo, away_as_unavailable
from datastore.standing import hold_person
from datastore.tweets import Counted, TweetStore


class LikeStore(EdgeStore):
    """From a person to a tweet."""

    def __init__(self, mongo: Mongo, tweets: TweetStore) -> None:
        super().__init__(mongo, "likes")
        self._mongo, self._tweets = mongo, tweets

    async def like(self, act_id: int, user_id: UserId, tweet_id: TweetId) -> bool:
        """False where they liked it before. Raises GoneError where the person or the tweet is gone."""

        async def act(session: Any) -> bool:
            if not await self.insert(act_id, user_id, tweet_id, session=session):
                return False
            await hold_person(self._mongo, session, user_id, act_id)
            return await self._counted(session, tweet_id, 1)

        return await self._carry_out(act, tweet_id)

    async def unlike(self, user_id: UserId, tweet_id: TweetId) -> bool:
        """False where they did not like it."""

        async def act(session: Any) -> bool:
            was_there = await self.delete(user_id, tweet_id, session=session)
            return was_there and await self._counted(session, tweet_id, -1)

        return await self._carry_out(act, tweet_id)

    async def _counted(self, session: Any, tweet_id: TweetId, step: int) -> bool:
        await self._tweets.count(session, tweet_id, Counted.LIKES, step)
        return True

    async def _carry_out(self, act: Any, tweet_id: TweetId) -> bool:
        with away_as_unavailable():
            has_changed: bool = await self._mongo.in_transaction(act, changing=(tweet_id,))
        if has_changed:
            await self._tweets.forget_counts(tweet_id)
        return has_changed
