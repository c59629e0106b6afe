"""Tweets with hashtags at chosen instants, written directly to the database, and the trends that follow from them."""

from collections.abc import Iterable
from itertools import count

import msgspec

from core.ids import SEQUENCE_BITS, WORKER_BITS, TweetId, UserId, first_id_of, ms_of
from core.text.entities import extract_entities
from core.text.fold import tag_key
from core.trends.scoring import Figures, Use
from datastore.stores import Stores
from datastore.tweets.factory import to_document
from tests.core.trends.test_scoring import by_definition
from tests.datastore.opened import tweet_of

MINUTE_MS = 60_000
_IDS_OF_A_MILLISECOND = 1 << (WORKER_BITS + SEQUENCE_BITS)
_numbers = count()


async def use_tag(stores: Stores, author: UserId, text: str, ms: int) -> TweetId:
    """Inserts a tweet of this instant (Unix milliseconds), without a job for the workers."""
    (tweet_id,) = await use_tags(stores, [(author, text, ms)])
    return tweet_id


async def use_tags(stores: Stores, uses: Iterable[tuple[UserId, str, int]]) -> list[TweetId]:
    """`uses` has author, text and instant of each tweet. Returns their ids."""
    rows = []
    for author, text, ms in uses:
        entities = extract_entities(text)
        tags = tuple(dict.fromkeys(tag_key(hashtag.tag) for hashtag in entities.hashtags))
        tweet = tweet_of(TweetId(first_id_of(ms) + next(_numbers) % _IDS_OF_A_MILLISECOND), author)
        rows.append(to_document(msgspec.structs.replace(tweet, text=text, entities=entities, tags=tags)))
    await stores.mongo.collection("tweets").insert_many(rows)
    return [row["_id"] for row in rows]


async def trends_by_definition(stores: Stores, now_ms: int) -> dict[str, Figures]:
    """Trends computed from every tweet of every public account."""
    users = stores.mongo.collection("users").find({"is_deleted": {"$ne": True}, "is_protected": False})
    public = {row["_id"] async for row in users}
    uses: dict[str, list[Use]] = {}
    async for row in stores.mongo.collection("tweets").find({"author": {"$in": list(public)}}):
        for tag in row.get("tags", ()):
            uses.setdefault(tag, []).append(Use(ms_of(row["_id"]), row["author"]))
    judged = {tag: by_definition(some, now_ms) for tag, some in uses.items()}
    return {tag: found for tag, found in judged.items() if found.score}
