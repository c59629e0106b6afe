"""Erasure of a deleted person from what others wrote: their mentions and replies keep the text and lose the id."""

from collections.abc import Mapping
from typing import Any, Final

from core.ids import TweetId, UserId
from core.text.terms import TermRole, person_term
from datastore.cache.rows import RowCache
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.records.items import COLLECTION, ItemRecord
from datastore.redis.client import failures_as_unavailable

_AT_ONCE = 500
NOBODY: Final = 0
"""Author of the parent of a reply, after their account was deleted: the reply still answers somebody."""


class PersonEraser:
    """`rows` is the cache of the tweets."""

    def __init__(self, mongo: Mongo, rows: RowCache[TweetId, ItemRecord]) -> None:
        self._tweets, self._post_keys, self._rows = mongo.collection(COLLECTION), mongo.collection("post_keys"), rows

    async def erase(self, user_id: UserId) -> None:
        """Call when the person's own tweets are deleted. Raises UnavailableError; may be repeated."""
        mentioned, answered = person_term(TermRole.MENTIONED, user_id), person_term(TermRole.ANSWERED, user_id)
        no_mention: Document = {"$set": {"mentioned.$[one]": None}, "$pull": {"terms": mentioned}}
        no_answer: Document = {"$set": {"reply_to_author": NOBODY}, "$pull": {"terms": answered}}
        await self._change_all(mentioned, no_mention, {"array_filters": [{"one": user_id}]})
        await self._change_all(answered, no_answer, {})
        await self._change_revisions(user_id)
        with away_as_unavailable():
            keys_of_user = {"$gte": {"user": user_id}, "$lt": {"user": user_id + 1}}
            await self._post_keys.delete_many({"_id": keys_of_user})

    async def _change_revisions(self, user_id: UserId) -> None:
        """Earlier versions of edited tweets, whose terms are those of the newest."""
        mentioning, change = {"revisions.mentioned": user_id, "edit": {"$gt": 0}}, "revisions.$[].mentioned.$[one]"
        with away_as_unavailable():
            await self._tweets.update_many(mentioning, {"$set": {change: None}}, array_filters=[{"one": user_id}])

    async def _change_all(self, term: str, change: Document, options: Mapping[str, Any]) -> None:
        """Changes all tweets with the term, which the change takes off them."""
        while True:
            with away_as_unavailable():
                rows = self._tweets.find({"terms": term}, {"_id": 1}).limit(_AT_ONCE)
                ids = [TweetId(row["_id"]) async for row in rows]
                if not ids:
                    return
                await self._tweets.update_many({"_id": {"$in": ids}}, change, **options)
            with failures_as_unavailable():
                await self._rows.forget(*ids)
