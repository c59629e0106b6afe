"""Muted conversations: from the mute on, replies and mentions in the thread are no notifications of its owner.

A mute that was ended stays for a day with its end, so that a post is judged by the moment at which it was posted,
however late its notifications are made.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from pymongo.errors import DuplicateKeyError

from core.auth.tokens import utc_now
from core.errors import UnavailableError
from core.ids import TweetId, UserId
from datastore.mongo.client import Document, Mongo, away_as_unavailable, is_of_id

CONVERSATION_MUTES: Final = "conversation_mutes"
ENDED_KEPT: Final = timedelta(days=1)
_STANDS: Final[Document] = {"until": 0}
"""`until` is the id of the act that ended the mute, 0 while it stands."""


class ConversationMuteStore:
    """A conversation is named by the tweet that started it, which may be deleted."""

    def __init__(self, mongo: Mongo) -> None:
        self._mutes = mongo.collection(CONVERSATION_MUTES)

    async def add(self, act_id: int, user_id: UserId, conversation: TweetId) -> bool:
        """False if the user mutes it already."""
        mute = {"user": user_id, "conversation": conversation, **_STANDS}
        with away_as_unavailable():
            try:
                result = await self._mutes.update_one(mute, {"$setOnInsert": {"_id": act_id}}, upsert=True)
            except DuplicateKeyError as error:  # the same act at the same moment
                if is_of_id(error):
                    raise UnavailableError("The database") from error
                return False
        return result.upserted_id is not None

    async def end(self, act_id: int, user_id: UserId, conversation: TweetId) -> bool:
        """False if the user did not mute it."""
        mute = {"user": user_id, "conversation": conversation, **_STANDS}
        with away_as_unavailable():
            result = await self._mutes.update_one(mute, {"$set": {"until": act_id, "ended_at": utc_now()}})
        return bool(result.matched_count)

    async def muted_among(self, user_id: UserId, conversations: Sequence[TweetId]) -> set[TweetId]:
        """The subset that the user mutes."""
        query = {"user": user_id, "conversation": {"$in": list(conversations)}, **_STANDS}
        with away_as_unavailable():
            return {TweetId(row["conversation"]) async for row in self._mutes.find(query, {"conversation": 1})}

    async def delete_of(self, user_id: UserId) -> None:
        with away_as_unavailable():
            await self._mutes.delete_many({"user": user_id})


async def muted_at(mongo: Mongo, posts: Collection[tuple[int, int, int]]) -> set[tuple[int, int]]:
    """Pairs of act and user, of `posts` of act, conversation and user: the user muted the conversation at the act."""
    if not posts:
        return set()
    users, conversations = ({post[place] for post in posts} for place in (2, 1))
    query = {"user": {"$in": list(users)}, "conversation": {"$in": list(conversations)}}
    spans: dict[tuple[int, int], list[tuple[int, int]]] = {}
    async for row in mongo.collection(CONVERSATION_MUTES).find(query):
        spans.setdefault((row["conversation"], row["user"]), []).append((row["_id"], row["until"]))
    return {
        (act_id, user_id)
        for act_id, conversation, user_id in posts
        if any(_holds(act_id, *span) for span in spans.get((conversation, user_id), ()))
    }


def _holds(act_id: int, since: int, until: int) -> bool:
    return since < act_id and (until == 0 or act_id < until)
