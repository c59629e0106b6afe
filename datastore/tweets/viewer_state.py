"""Viewer state of tweets: whether a user liked, retweeted or bookmarked each.

One cached row per user holds their most recent interactions, so that a page needs one read for all its tweets.
"""

import time
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from enum import IntEnum
from itertools import product
from typing import Any, NamedTuple

import msgspec

from core.ids import TweetId, UserId, first_id_of, ms_of
from datastore.cache.pending_read import PendingRead, resolve_reads
from datastore.cache.row_codec import RowChange
from datastore.cache.rows import RowCache
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Notify, Retract
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.records.items import COLLECTION
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable
from datastore.redis.node.pipeline import CommandPipeline

_KEPT = 500
# Acts on a tweet that are read before a query by user is used.
_ACTS_READ = 100
_TTL_SECONDS = 3_600
# An act is newer than its tweet, up to the clock skew between processes.
_SKEW_MS = 60_000


class RecentActs(msgspec.Struct, frozen=True, array_like=True):
    """Tweets of the newest acts of one kind. `since` is the id of the oldest act kept; 0: these are all."""

    tweets: frozenset[int] = frozenset()
    since: int = 0

    def knows(self, tweet_id: TweetId) -> bool:
        """Whether `tweets` decides about this tweet: it is among them, or too new for an act older than `since`."""
        return self.since == 0 or tweet_id in self.tweets or tweet_id > first_id_of(ms_of(self.since) + _SKEW_MS)


class RecentInteractions(msgspec.Struct, frozen=True, array_like=True):
    likes: RecentActs
    retweets: RecentActs
    bookmarks: RecentActs

    def state_of(self, tweet_id: TweetId) -> "ViewerState | None":
        """The user's state of the tweet; None if the row cannot decide about it."""
        likes, retweets, bookmarks = self.likes, self.retweets, self.bookmarks
        if (likes.since or retweets.since or bookmarks.since) and not (
            likes.knows(tweet_id) and retweets.knows(tweet_id) and bookmarks.knows(tweet_id)
        ):
            return None
        return _STATES[tweet_id in likes.tweets, tweet_id in retweets.tweets, tweet_id in bookmarks.tweets]

    def with_changes(self, changes: Iterable[RowChange]) -> "RecentInteractions":
        """`changes` are `Interaction`s with tweets."""
        acts = self.likes, self.retweets, self.bookmarks
        tweets = [set(some.tweets) for some in acts]
        for change in changes:
            index, is_undone = divmod(change.kind - 1, 2)
            (tweets[index].discard if is_undone else tweets[index].add)(change.value)
        return RecentInteractions(
            *[RecentActs(frozenset(some), before.since) for some, before in zip(tweets, acts, strict=True)]
        )


class ViewerState(NamedTuple):
    """Interactions of one user with one tweet."""

    liked: bool
    retweeted: bool
    bookmarked: bool


_STATES = {flags: ViewerState(*flags) for flags in product((False, True), repeat=3)}
NO_INTERACTION = ViewerState(liked=False, retweeted=False, bookmarked=False)


class Interaction(IntEnum):
    """An act of a user on a tweet, by the number that stands in cached rows."""

    LIKE = 1
    UNLIKE = 2
    RETWEET = 3
    UNRETWEET = 4
    BOOKMARK = 5
    UNBOOKMARK = 6


_KINDS = {
    (ActKind.LIKE, False): Interaction.LIKE,
    (ActKind.LIKE, True): Interaction.UNLIKE,
    (ActKind.RETWEET, False): Interaction.RETWEET,
    (ActKind.RETWEET, True): Interaction.UNRETWEET,
}
"""Interaction by the kind of act of a notification job, and whether it was undone."""


class ViewerStateStore:
    """Call `interacted` or `invalidate` after each act of a user."""

    def __init__(self, mongo: Mongo, pipeline: CommandPipeline) -> None:
        self._mongo = mongo
        self._rows = RowCache[UserId, RecentInteractions](
            pipeline,
            RecentInteractions,
            key=keys.recent_interactions,
            load=self._load,
            ttl_seconds=_TTL_SECONDS,
        )

    @property
    def rows(self) -> RowCache[UserId, RecentInteractions]:
        """The cache of the interactions, for what is in the memory of this process."""
        return self._rows

    async def get_many(self, user_id: UserId, tweet_ids: Sequence[TweetId]) -> list[ViewerState]:
        """In the order of the ids."""
        read = self.begin_read(user_id, time.monotonic())
        await resolve_reads(read)
        return await self.from_row(user_id, read.found.get(user_id), tweet_ids)

    def begin_read(self, user_id: UserId, since: float) -> PendingRead[UserId, RecentInteractions]:
        """The row for `from_row`, as of `since` (monotonic seconds) or later; for `resolve_reads`."""
        return self._rows.begin_read([user_id], since)

    async def from_row(
        self, user_id: UserId, row: RecentInteractions | None, tweet_ids: Sequence[TweetId]
    ) -> list[ViewerState]:
        """In the order of the ids. Queries MongoDB for tweets that the row cannot decide about."""
        if row is None:
            return [NO_INTERACTION for _ in tweet_ids]
        likes = await self._all("likes", "target", row.likes, user_id, tweet_ids)
        bookmarks = await self._all("bookmarks", "target", row.bookmarks, user_id, tweet_ids)
        retweets = await self._all(COLLECTION, "retweet_of", row.retweets, user_id, tweet_ids)
        return [_STATES[one in likes, one in retweets, one in bookmarks] for one in tweet_ids]

    async def get_each(self, pairs: Sequence[tuple[UserId, TweetId]]) -> list[ViewerState]:
        """State of each pair of user and tweet, in order; efficient for few users and for many."""
        users = list(dict.fromkeys(user_id for user_id, _ in pairs))
        tweets = list(dict.fromkeys(tweet_id for _, tweet_id in pairs))
        if len(users) > len(tweets):
            found = {tweet_id: await self._by_user(tweet_id, users) for tweet_id in tweets}
            return [found[tweet_id].get(user_id, NO_INTERACTION) for user_id, tweet_id in pairs]
        states = {user_id: dict(zip(tweets, await self.get_many(user_id, tweets), strict=True)) for user_id in users}
        return [states[user_id][tweet_id] for user_id, tweet_id in pairs]

    async def _by_user(self, tweet_id: TweetId, users: Sequence[UserId]) -> dict[UserId, ViewerState]:
        """States by user, for all of `users` who acted on the tweet, and perhaps for others.

        All acts on the tweet are read if they are few: a query by thousands of users takes much longer.
        """
        acts = await self._acts_on(tweet_id, None) if len(users) > _ACTS_READ else None
        if acts is None or any(len(who) >= _ACTS_READ for who in acts.values()):
            acts = await self._acts_on(tweet_id, users)
        likes, retweets, bookmarks = acts["likes"], acts[COLLECTION], acts["bookmarks"]
        return {one: _STATES[one in likes, one in retweets, one in bookmarks] for one in likes | retweets | bookmarks}

    async def _acts_on(self, tweet_id: TweetId, users: Sequence[UserId] | None) -> dict[str, set[UserId]]:
        """Users who acted, by collection; `users` None: at most 100 of each collection.

        One aggregation for all collections: each further query would wake an idle server again.
        """
        (first, pipeline), *others = [(acts.collection, acts.pipeline(tweet_id, users)) for acts in _ACTS]
        unions = [{"$unionWith": {"coll": name, "pipeline": other}} for name, other in others]
        found: dict[str, set[UserId]] = {acts.collection: set() for acts in _ACTS}
        with away_as_unavailable():
            for row in await self._mongo.aggregate(first, [*pipeline, *unions]):
                found[row["to"]].add(UserId(row["who"]))
        return found

    async def interacted(self, user_id: UserId, interaction: Interaction, tweet_id: TweetId, act_id: int) -> None:
        """Call after an act that changed something, done or undone; after another one call `invalidate`."""
        await self._rows.change(user_id, RowChange(interaction, tweet_id, act_id))

    async def forget_interaction(self, job: Notify) -> None:
        """Makes Redis forget the actor's row, unless it has taken the like or retweet in.

        Raises one of REDIS_FAILURES unless Redis took it.
        """
        change = RowChange(_KINDS[job.kind, job.is_undone], job.target, job.act_id)
        await self._rows.forget_unless_changed(job.actor_id, change)

    async def forget_unretweet(self, act: Retract, tweet_id: TweetId | None) -> None:
        """As `forget_interaction`, for a retweet of this tweet, None if unknown. Raises UnavailableError."""
        with failures_as_unavailable():
            if tweet_id is not None:
                change = RowChange(Interaction.UNRETWEET, tweet_id, act.act_id)
                return await self._rows.forget_unless_changed(act.author_id, change)
            return await self._rows.forget(act.author_id)

    async def invalidate(self, user_id: UserId) -> None:
        await self._rows.invalidate(user_id)

    async def _all(
        self, collection: str, field: str, recent: RecentActs, user_id: UserId, tweet_ids: Sequence[TweetId]
    ) -> AbstractSet[int]:
        """Tweets of the row, and those of `tweet_ids` acted on that the row does not know."""
        unknown = [tweet_id for tweet_id in tweet_ids if not recent.knows(tweet_id)] if recent.since else ()
        if not unknown:
            return recent.tweets
        query = {_ACTOR[collection]: user_id, field: {"$in": unknown}}
        with away_as_unavailable():
            found = self._mongo.collection(collection).find(query, {field: 1, "_id": 0})
            return recent.tweets | {row[field] async for row in found}

    async def _load(self, ids: Sequence[UserId]) -> dict[UserId, RecentInteractions]:
        return {user_id: await self._load_one(user_id) for user_id in ids}

    async def _load_one(self, user_id: UserId) -> RecentInteractions:
        return RecentInteractions(
            await self._newest("likes", "target", {"user": user_id}),
            await self._newest(COLLECTION, "retweet_of", {"author": user_id, "retweet_of": {"$gt": 0}}),
            await self._newest("bookmarks", "target", {"user": user_id}),
        )

    async def _newest(self, collection: str, field: str, query: dict[str, Any]) -> RecentActs:
        with away_as_unavailable():
            found = self._mongo.collection(collection).find(query, {field: 1}).sort("_id", -1).limit(_KEPT)
            rows = [row async for row in found]
        return RecentActs(frozenset(row[field] for row in rows), rows[-1]["_id"] if len(rows) == _KEPT else 0)


_ACTOR = {"likes": "user", "bookmarks": "user", COLLECTION: "author"}


class _Acts(NamedTuple):
    """A collection of acts, with its fields for the tweet and the actor."""

    collection: str
    tweet: str
    actor: str

    def pipeline(self, tweet_id: TweetId, users: Sequence[UserId] | None) -> list[Document]:
        query = {self.tweet: tweet_id} | ({} if users is None else {self.actor: {"$in": list(users)}})
        limit = ({"$limit": _ACTS_READ},) if users is None else ()
        who = {"_id": 0, "who": f"${self.actor}", "to": {"$literal": self.collection}}
        return [{"$match": query}, *limit, {"$project": who}]


_ACTS = (
    _Acts("likes", "target", "user"),
    _Acts(COLLECTION, "retweet_of", "author"),
    _Acts("bookmarks", "target", "user"),
)
