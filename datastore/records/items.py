"""Records of timeline items, tweets and retweets, and their conversion from documents."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

from core.devices import UNKNOWN_DEVICE, Device
from core.ids import MediaId, TweetId, UserId
from core.reply_audience import ReplyAudience
from core.text.entities import Entities
from datastore.counts.increments import with_pending

COLLECTION = "tweets"


class ItemKind(StrEnum):
    TWEET = "t"
    RETWEET = "r"


class TweetRecord(msgspec.Struct, frozen=True, array_like=True, tag="t"):
    """A tweet as it is shown. `reply_to_author` stays after the parent tweet is deleted.

    `is_removed`: moderators took it from everybody but its author. `is_sensitive`: its author or moderators said so.
    `edit_id` is the act of its newest edit, None if there was none; `quoted_edit` that of the tweet that it quotes, as
    its author saw it.
    """

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
    media: tuple[MediaId, ...] = ()
    is_removed: bool = False
    is_sensitive: bool = False
    content_warning: str | None = None
    reply_audience: ReplyAudience = ReplyAudience.EVERYONE
    edit_id: int | None = None
    quoted_edit: int | None = None


class RetweetRecord(msgspec.Struct, frozen=True, array_like=True, tag="r"):
    """A retweet by `author_id` of the tweet `tweet_id`."""

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
        tuple(row.get("media", ())),
        is_removed="removed" in row,
        is_sensitive="markedSensitive" in row or row.get("isSensitive", False),
        content_warning=row.get("warning"),
        reply_audience=ReplyAudience(row.get("audience", ReplyAudience.EVERYONE)),
        edit_id=row.get("edit"),
        quoted_edit=row.get("quotedEdit"),
    )


def to_counts(row: Mapping[str, Any], pending: Mapping[str, int]) -> TweetCounts:
    """Counts of a tweet: those of its document plus its pending increments."""
    return TweetCounts(**with_pending(row.get("counts", {}), pending))
