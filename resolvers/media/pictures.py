"""Pictures as a viewer may see them, and their addresses.

A picture of a tweet is seen with the tweet, one on a profile by everybody, one that was never posted by its owner.
The address of what everybody may see serves for good; any other address is signed and serves for minutes. When
moderators remove a tweet, or restore it, the addresses of before serve no more.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.ids import MediaId
from datastore.cache.pending_read import resolve_reads
from datastore.hydration import hydrate_ids
from datastore.media.records import MediaRecord, MediaSize, MediaState, MediaUse
from datastore.media.storage import variant
from datastore.media.stores import MediaStores
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.stores import Stores
from datastore.timelines.rules import HydratedItem, may_see
from resolvers.identity import Identity
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of

PATH: Final = "/media"
_SIZES: Final = {f"{size}.webp": size for size in MediaSize}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that exists. `is_public`: everybody may see it. `is_removed`: its tweet is, by moderators."""

    record: MediaRecord
    is_public: bool
    is_removed: bool = False


async def pictures_of(services: Services, ids: Sequence[MediaId], since: float | None = None) -> list[Picture | None]:
    """In the order of the ids; None for one that is removed, or whose tweet or owner is.

    Rows are as of `since` (monotonic seconds) or later; None: now.
    """
    moment = time.monotonic() if since is None else since
    records = await services.stores.media.items.get_many(ids, moment)
    found = await _pictures(services.stores, [record for record in records if record is not None], moment)
    return [None if record is None else found[record.id] for record in records]


def local_pictures(
    media: MediaStores, tweets: Sequence[tuple[TweetRecord, UserRecord | None]], since: float
) -> list[list[Picture]] | None:
    """Pictures of each tweet, which was just read with its author, out of the memory of this process.

    None where a row must be read, or may be gone: `pictures_of` tells then. `since` is as for that.
    """
    ids = [media_id for tweet, _ in tweets for media_id in tweet.media]
    records = media.items.local_rows(ids, since) if ids else []
    if records is None:
        return None
    rows, found = iter(records), list[list[Picture]]()
    for tweet, author in tweets:
        own = [next(rows) for _ in tweet.media]
        if own and (author is None or any(row.owner_id != author.id or row.tweet_id != tweet.id for row in own)):
            return None
        found.append([_picture(row, author, tweet) for row in own] if author is not None else [])
    return found


def public_pictures(shown: HydratedItem) -> list[Picture] | None:
    """The pictures that come with a hydrated item. None if they are to be read, or are not everybody's."""
    tweet, author = shown.tweet, shown.author
    if tweet is None or author is None or author.is_suspended:
        return None
    if not tweet.media:
        return []
    rows = shown.media or ()
    if not rows or any(row.owner_id != author.id or row.tweet_id != tweet.id for row in rows):
        return None
    pictures = [_picture(row, author, tweet) for row in rows]
    return pictures if all(picture.is_public for picture in pictures) else None


async def visible_picture(services: Services, identity: Identity | None, media_id: MediaId) -> Picture | None:
    """None for a picture that the viewer may not see."""
    (picture,) = await pictures_of(services, [media_id])
    if picture is None or picture.is_public:
        return picture
    record = picture.record
    if identity is not None and record.owner_id == identity.user_id:
        return picture
    if record.tweet_id is None:
        return None
    view = await viewpoint_of(services.stores.users, identity)
    (shown,) = await hydrate_ids(services.stores, view, [record.tweet_id])
    return picture if shown is not None and may_see(view, shown) else None


def address_of(services: Services, picture: Picture, size: MediaSize) -> str:
    query = "" if picture.is_public else f"?{services.media_signatures.sign(_signed_path(picture, size))}"
    return f"{services.served_at.url}{path_of(picture.record, size)}{query}"


def path_of(record: MediaRecord, size: MediaSize) -> str:
    return f"{PATH}/{record.id}/{record.secret}/{size}.webp"


def media_id_of(path: str) -> MediaId:
    """The inverse of `path_of`."""
    return MediaId(int(path.removeprefix(f"{PATH}/").partition("/")[0]))


async def served(
    services: Services, path: tuple[MediaId, str, str], until: str, signature: str
) -> tuple[Picture, MediaSize] | None:
    """The picture at an address, given by id, secret and file name; None where there is none, or not any more."""
    media_id, secret, name = path
    size = _SIZES.get(name)
    (picture,) = await pictures_of(services, [media_id])
    if picture is None or size is None or picture.record.secret != secret:
        return None
    if picture.record.state is not MediaState.READY:
        return None
    if picture.is_public or services.media_signatures.is_valid(_signed_path(picture, size), until, signature):
        return picture, size
    return None


async def file_of(media: MediaStores, picture: Picture, size: MediaSize) -> bytes | None:
    return await media.storage.get(variant(picture.record, size))


async def signed_address(media: MediaStores, picture: Picture, size: MediaSize, seconds: int) -> str | None:
    """An address at which the storage itself serves the file for so long; None where it does not."""
    return await media.storage.signed_address(variant(picture.record, size), seconds)


def _signed_path(picture: Picture, size: MediaSize) -> str:
    """An address that was signed before a removal is no address after it."""
    return f"{path_of(picture.record, size)}{'/removed' if picture.is_removed else ''}"


async def _pictures(stores: Stores, records: Sequence[MediaRecord], since: float) -> Mapping[MediaId, Picture | None]:
    """None where the tweet or the owner is gone, or suspended."""
    items = stores.tweets.items.begin_read(
        list({record.tweet_id for record in records if record.tweet_id is not None}), since
    )
    owners = stores.users.accounts.begin_read(list({record.owner_id for record in records}), since)
    await resolve_reads(items, owners)

    def picture(record: MediaRecord) -> Picture | None:
        owner = owners.found.get(record.owner_id)
        tweet = None if record.tweet_id is None else items.found.get(record.tweet_id)
        if owner is None or owner.is_suspended or (record.tweet_id is not None and not isinstance(tweet, TweetRecord)):
            return None
        return _picture(record, owner, tweet if isinstance(tweet, TweetRecord) else None)

    return {record.id: picture(record) for record in records}


def _picture(record: MediaRecord, owner: UserRecord, tweet: TweetRecord | None) -> Picture:
    is_removed = tweet is not None and tweet.is_removed
    match record.use:
        case MediaUse.AVATAR | MediaUse.BANNER:
            return Picture(record, is_public=True)
        case MediaUse.TWEET:
            return Picture(record, not owner.is_protected and not is_removed, is_removed)
        case _:
            return Picture(record, is_public=False)
