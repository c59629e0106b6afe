"""Muted words of users, as they entered them."""

from collections.abc import Sequence
from typing import Any

from core.ids import UserId
from datastore.jobs.acts import ViewChange, ViewChangeKind
from datastore.jobs.jobs import PublishViewChange
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Mongo, away_as_unavailable


class MutedWordStore:
    def __init__(self, mongo: Mongo, outbox: Outbox) -> None:
        self._mongo, self._outbox = mongo, outbox
        self._users = mongo.collection("users")

    async def get(self, user_id: UserId) -> list[str]:
        with away_as_unavailable():
            row = await self._users.find_one({"_id": user_id}, {"muted_words": 1})
        return list((row or {}).get("muted_words", ()))

    async def set(self, act_id: int, user_id: UserId, words: Sequence[str]) -> PublishViewChange | None:
        """Replaces all words. Returns the job of the act; None if nothing changed."""

        async def replace(session: Any) -> PublishViewChange | None:
            query, change = {"_id": user_id}, {"$set": {"muted_words": list(words)}}
            row = await self._users.find_one_and_update(query, change, {"muted_words": 1}, session=session)
            earlier = tuple((row or {}).get("muted_words", ()))
            if row is None or earlier == tuple(words):
                return None
            job = PublishViewChange(act_id, user_id, ViewChange(ViewChangeKind.WORDS, words=earlier))
            await self._outbox.add(session, job)
            return job

        with away_as_unavailable():
            job: PublishViewChange | None = await self._mongo.in_transaction(replace)
        return job
