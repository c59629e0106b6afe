"""Uses of hashtags in existing tweets: who, and when. Uses of one hashtag are read from its index alone."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from core.ids import TweetId, UserId, first_id_of, ms_of
from core.text.entities import Entities
from core.text.fold import tag_key
from core.trends.scoring import Use
from datastore.moderation.tweets import NOT_REMOVED, REMOVED, removed_among
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.records.items import COLLECTION
from datastore.users.store import UserStore
from datastore.users.voices import Voices

NEWEST_TAGGED = "newest_tagged"
USES_OF_TAGS: Final = "tags_1__id_-1_author_1"
MAX_USES: Final = 5_000
"""Uses of one hashtag that are read, the newest ones."""
_TWEETS_READ_FOR_SPELLING = 50


class TaggedTweet(NamedTuple):
    tweet_id: TweetId
    author_id: UserId
    tags: tuple[str, ...]


class SpelledUse(NamedTuple):
    """A tweet's use of the hashtag `tag`, a key, as its author wrote it."""

    tag: str
    name: str
    author_id: UserId


class TagUseStore:
    def __init__(self, mongo: Mongo, users: UserStore, voices: Voices) -> None:
        self._mongo, self._users, self._voices = mongo, users, voices
        self._tweets = mongo.lagging_collection(COLLECTION)

    async def of_tag(self, tag: str, since_ms: int, limit: int) -> list[Use]:
        """The newest `limit` uses since Unix time `since_ms`, oldest first; those in removed tweets left out."""
        query: Document = {"tags": tag, "_id": {"$gte": first_id_of(since_ms)}}
        with away_as_unavailable():
            removed = await removed_among(self._mongo, query)
            found = self._tweets.find(query, {"author": 1}).sort("_id", -1).limit(limit + len(removed))
            rows = [row async for row in found if row["_id"] not in removed]
        return [Use(ms_of(row["_id"]), row["author"]) for row in rows[:limit][::-1]]

    async def newest(self, since_ms: int, until_ms: int, limit: int) -> list[TaggedTweet]:
        """Tweets with hashtags from `since_ms` to `until_ms` (exclusive), newest first."""
        query = {"_id": {"$gte": first_id_of(since_ms), "$lt": first_id_of(until_ms)}, "tags": {"$gt": ""}}
        with away_as_unavailable():
            found = self._tweets.find(query, {"author": 1, "tags": 1}).sort("_id", -1)
            rows = [row async for row in found.hint(NEWEST_TAGGED).limit(limit)]
        return [TaggedTweet(row["_id"], row["author"], tuple(row["tags"])) for row in rows]

    async def edited_since(self, ms: int, limit: int) -> list[TaggedTweet]:
        """Tweets that were edited since Unix time `ms`, those edited first at the beginning."""
        with away_as_unavailable():
            found = self._tweets.find({"edit": {"$gte": first_id_of(ms)}}, {"author": 1, "tags": 1}).sort("edit", 1)
            rows = [row async for row in found.limit(limit)]
        return [TaggedTweet(row["_id"], row["author"], tuple(row["tags"])) for row in rows]

    async def by_accounts(
        self, accounts: Sequence[UserId], tags: Sequence[str], since_ms: int, until_ms: int
    ) -> dict[str, list[Use]]:
        """For each hashtag the uses by these accounts after `since_ms`, up to and including `until_ms`, unordered."""
        query = {
            "author": {"$in": list(accounts)},
            "_id": {"$gte": first_id_of(since_ms + 1), "$lt": first_id_of(until_ms + 1)},
            "tags": {"$in": list(tags)},
        }
        uses: dict[str, list[Use]] = {tag: [] for tag in tags}
        with away_as_unavailable():
            async for row in self._tweets.find({**query, **NOT_REMOVED}, {"author": 1, "tags": 1}):
                for tag in uses.keys() & row["tags"]:
                    uses[tag].append(Use(ms_of(row["_id"]), row["author"]))
        return uses

    async def beginning_with(self, prefix: str, since_ms: int, limit: int) -> list[SpelledUse]:
        """Uses since Unix time `since_ms` of hashtags whose keys begin so, by key; of `limit` tweets at most."""
        query = {"tags": {"$gte": prefix} if prefix else {"$gt": ""}, "_id": {"$gte": first_id_of(since_ms)}}
        uses: list[SpelledUse] = []
        with away_as_unavailable():
            wanted = {"author": 1, "entities": 1, REMOVED: 1}
            found = self._tweets.find(query, wanted).hint(USES_OF_TAGS).limit(limit)
            try:
                async for row in found:
                    some = _uses_of(row, prefix)
                    if not some:  # in the order of the index, so all that begin so have been read
                        break
                    uses += () if REMOVED in row else some
            finally:
                await found.close()
        return uses

    async def spelling(self, tag: str) -> str | None:
        """The most frequent spelling in its newest public tweets that count, without the #; None if there are none."""
        with away_as_unavailable():
            found = self._tweets.find({"tags": tag, **NOT_REMOVED}, {"author": 1, "entities": 1}).sort("_id", -1)
            rows = [row async for row in found.limit(_TWEETS_READ_FOR_SPELLING)]
        public = set(await self._users.public_among({row["author"] for row in rows}))
        voices = await self._voices.of_uses([Use(ms_of(row["_id"]), row["author"]) for row in rows])
        counted = [
            row for row, voice in zip(rows, voices, strict=True) if voice is not None and row["author"] in public
        ]
        names = [name for row in counted for name in _names(row) if tag_key(name) == tag]
        spellings = Counter(names)
        return max(spellings, key=lambda name: (spellings[name], name), default=None)


def _uses_of(row: Document, prefix: str) -> list[SpelledUse]:
    spellings = {tag_key(name): name for name in _names(row)}
    return [SpelledUse(key, name, row["author"]) for key, name in spellings.items() if key.startswith(prefix)]


def _names(row: Document) -> list[str]:
    return [hashtag.tag for hashtag in msgspec.convert(row["entities"], Entities).hashtags]
