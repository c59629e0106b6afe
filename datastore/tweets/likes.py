"""Likes: one edge for each user and tweet; its transaction adds the increment and the notification job.

Likes that arrive while others are being written share one transaction. If it fails for one of them, each gets its own.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from pymongo.errors import BulkWriteError

from core.ids import TweetId, UserId
from datastore.cache.batcher import Batcher
from datastore.jobs.jobs import ActKind, Notify
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.mongo.edges import EdgeStore
from datastore.mongo.existence import GoneError, lock_existing_user, lock_existing_users
from datastore.tweets.counts import Counted, TweetCountStore

_MAX_BATCH = 100
_BATCH_TIMEOUT_SECONDS = 1.0


class _Like(NamedTuple):
    act_id: int
    user_id: UserId
    tweet_id: TweetId


_Outcome: TypeAlias = Notify | BaseException | None


class LikeStore(EdgeStore):
    """Edges from users to tweets."""

    def __init__(self, mongo: Mongo, outbox: Outbox, counts: TweetCountStore) -> None:
        super().__init__(mongo, "likes")
        self._mongo, self._outbox, self._counts = mongo, outbox, counts
        self._batcher = Batcher[_Like, _Outcome](self._like_all, _MAX_BATCH)

    async def like(self, act_id: int, user_id: UserId, tweet_id: TweetId) -> Notify | None:
        """Returns the notification job; None if the user likes the tweet already.

        Raises GoneError if the user or the tweet is gone.
        """
        outcome = await self._batcher(_Like(act_id, user_id, tweet_id))
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def unlike(self, user_id: UserId, tweet_id: TweetId) -> Notify | None:
        """Returns the job that undoes the notification; None if the user did not like the tweet."""

        async def act(session: Any) -> Notify | None:
            act_id = await self.take(user_id, tweet_id, session=session)
            if act_id is None:
                return None
            return await self._add_jobs(session, Notify(act_id, ActKind.LIKE, user_id, tweet_id, is_undone=True))

        return await self._commit(act, user_id, tweet_id)

    async def _like_all(self, likes: Sequence[_Like]) -> Sequence[_Outcome]:
        if len(likes) > 1:
            try:
                async with asyncio.timeout(_BATCH_TIMEOUT_SECONDS):
                    return await self._like_in_one_transaction(likes)
            except (
                GoneError,
                BulkWriteError,
                TimeoutError,
            ):  # retried one by one, so that one failure or lock concerns only its own like
                pass
        return await asyncio.gather(*[self._like_alone(*like) for like in likes], return_exceptions=True)

    async def _like_in_one_transaction(self, likes: Sequence[_Like]) -> Sequence[_Outcome]:
        wanted: dict[tuple[int, int], _Like] = {}
        for like in likes:
            wanted.setdefault((like.user_id, like.tweet_id), like)

        async def act(session: Any) -> list[_Like]:
            known = await self._known(session, likes)
            fresh = [like for pair, like in wanted.items() if pair not in known]
            if fresh:
                await lock_existing_users(self._mongo, session, {like.user_id: like.act_id for like in fresh})
                rows = [{"_id": like.act_id, "user": like.user_id, "target": like.tweet_id} for like in fresh]
                await self._edges.insert_many(rows, ordered=False, session=session)
                await self._outbox.add_notify_jobs(session, list(map(_notice, fresh)))
                await self._counts.add_likes(session, [like.tweet_id for like in fresh])
            return fresh

        with away_as_unavailable():
            fresh = await self._mongo.in_transaction(act, changing={like.user_id for like in likes})
        await self._counts.enqueue(*{like.tweet_id for like in fresh})
        return [_notice(like) if like in fresh else None for like in likes]

    async def _known(self, session: Any, likes: Sequence[_Like]) -> set[tuple[int, int]]:
        """Pairs of user and tweet that exist already; may include pairs that are not asked for."""
        among = {
            "user": {"$in": [like.user_id for like in likes]},
            "target": {"$in": [like.tweet_id for like in likes]},
        }
        found = self._edges.find(among, {"user": 1, "target": 1}, session=session)
        return {(row["user"], row["target"]) async for row in found}

    async def _like_alone(self, act_id: int, user_id: UserId, tweet_id: TweetId) -> Notify | None:
        async def act(session: Any) -> Notify | None:
            if not await self.insert(act_id, user_id, tweet_id, session=session):
                return None
            await lock_existing_user(self._mongo, session, user_id, act_id)
            return await self._add_jobs(session, Notify(act_id, ActKind.LIKE, user_id, tweet_id))

        return await self._commit(act, user_id, tweet_id)

    async def _add_jobs(self, session: Any, notice: Notify) -> Notify:
        await self._outbox.add(session, notice)
        await self._counts.add(session, TweetId(notice.target), Counted.LIKES, -1 if notice.is_undone else 1)
        return notice

    async def _commit(self, act: Any, user_id: UserId, tweet_id: TweetId) -> Notify | None:
        with away_as_unavailable():
            notice: Notify | None = await self._mongo.in_transaction(act, changing=(user_id,))
        if notice is not None:
            await self._counts.enqueue(tweet_id)
        return notice


def _notice(like: _Like) -> Notify:
    return Notify(like.act_id, ActKind.LIKE, like.user_id, like.tweet_id)
