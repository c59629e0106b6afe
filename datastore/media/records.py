"""Records of pictures, and their conversion from documents."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from core.ids import MediaId, TweetId, UserId


class MediaState(StrEnum):
    WAITING = "WAITING"
    PROCESSING = "PROCESSING"
    READY = "READY"
    FAILED = "FAILED"


class MediaSize(StrEnum):
    """Sizes of variants, smallest first."""

    THUMBNAIL = "THUMBNAIL"
    SMALL = "SMALL"
    LARGE = "LARGE"


class MediaUse(StrEnum):
    """Where a picture is shown."""

    TWEET = "tweet"
    AVATAR = "avatar"
    BANNER = "banner"


class VariantRecord(msgspec.Struct, frozen=True, array_like=True):
    size: MediaSize
    width: int
    height: int
    byte_length: int


class MediaRecord(msgspec.Struct, frozen=True, array_like=True):
    """A picture of `owner_id`. `secret` makes its addresses impossible to guess.

    `content_type`, `byte_length` and `sha256` (hex) are those of the upload; `width` and `height` those of the upright
    picture, None before it is READY. `tweet_id` is the tweet that shows it. Without a `use` it is its owner's alone.
    """

    id: MediaId
    owner_id: UserId
    state: MediaState
    content_type: str
    byte_length: int
    sha256: str
    secret: str
    alt_text: str | None = None
    failure: str | None = None
    blurhash: str | None = None
    width: int | None = None
    height: int | None = None
    variants: tuple[VariantRecord, ...] = ()
    use: MediaUse | None = None
    tweet_id: TweetId | None = None


class Processed(msgspec.Struct, frozen=True):
    """The result of processing a picture."""

    width: int
    height: int
    blurhash: str
    variants: tuple[VariantRecord, ...]


def to_media(row: Mapping[str, Any]) -> MediaRecord:
    return MediaRecord(
        MediaId(row["_id"]),
        UserId(row["owner"]),
        MediaState(row["state"]),
        row["content_type"],
        row["byte_length"],
        row["sha256"],
        row["secret"],
        row["alt_text"],
        row.get("failure"),
        row.get("blurhash"),
        row.get("width"),
        row.get("height"),
        tuple(msgspec.convert(one, VariantRecord) for one in row.get("variants", ())),
        MediaUse(row["use"]) if "use" in row else None,
        row.get("tweet"),
    )
