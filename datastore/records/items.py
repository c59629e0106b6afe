"""Items of timelines, tweets and retweets, as records and as the documents of their collection."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

from core.devices import UNKNOWN_DEVICE, Device
from core.ids import TweetId, UserId
from core.text.entities import Entities
from datastore.counts.pending import with_pending

COLLECTION = "tweets"


class ItemKind(StrEnum):
    TWEET = "t"
    RETWEET = "r"


class TweetRecord(msgspec.Struct, frozen=True, array_like=True, tag="t"):
    """A tweet as it was posted. `reply_to_author` outlives the tweet that was answered."""

    id: TweetId
    author_id: UserId
    text: str
    conversation_id: TweetId
    entities: Entities = Entities()
    mentioned: tuple[UserId | None, ...] = ()
    tags: tuple[str, ...] = ()
    reply_to: TweetId | None = None
    reply_to_author: UserId | None = None
    quoted_id: TweetId | None = None
    lang: str | None = None
    device: Device = UNKNOWN_DEVICE


class RetweetRecord(msgspec.Struct, frozen=True, array_like=True, tag="r"):
    """That `author_id` showed somebody's tweet to their own followers."""

    id: TweetId
    author_id: UserId
    tweet_id: TweetId
    tweet_author_id: UserId


ItemRecord: TypeAlias = TweetRecord | RetweetRecord


class TweetCounts(msgspec.Struct, frozen=True, array_like=True):
    likes: int = 0
    retweets: int = 0
    quotes: int = 0
    replies: int = 0


def to_record(row: Mapping[str, Any]) -> ItemRecord:
    """An item from its document."""
    if row.get("retweet_of") is not None:
        return RetweetRecord(row["_id"], row["author"], row["retweet_of"], row["retweet_of_author"])
    return TweetRecord(
        row["_id"],
        row["author"],
        row["text"],
        row["conversation"],
        msgspec.convert(row["entities"], Entities),
        tuple(row["mentioned"]),
        tuple(row["tags"]),
        row["reply_to"],
        row["reply_to_author"],
        row["quoted"],
        row["lang"],
        msgspec.convert(row["device"], Device),
    )


def to_counts(row: Mapping[str, Any], pending: Iterable[Mapping[str, Any]]) -> TweetCounts:
    """What is counted of a tweet, from its document and what is still to be added to it."""
    return TweetCounts(**with_pending(row.get("counts", {}), pending))
