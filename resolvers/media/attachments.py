"""Pictures of a tweet: they are claimed before it is posted, and confirmed or released after."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from core.errors import RefusalError, UnavailableError, UserErrorCode
from core.ids import MediaId
from datastore.jobs.jobs import PublishEdit
from datastore.media.store import Claim
from datastore.media.stores import MediaStores
from datastore.records.items import TweetRecord
from resolvers.input_errors import InputErrors

MOST_PICTURES: Final = 4


def check_attachments(errors: InputErrors, ids: Sequence[MediaId]) -> None:
    if len(ids) > MOST_PICTURES:
        errors.add("media", UserErrorCode.TOO_LONG, f"A tweet has {MOST_PICTURES} pictures at most.")
    elif len(set(ids)) < len(ids):
        errors.add("media", UserErrorCode.INVALID, "A picture stands in a tweet once.")


@asynccontextmanager
async def attached_more(media_stores: MediaStores, job: PublishEdit, media: Sequence[MediaId]) -> AsyncIterator[None]:
    """As `attached`, around an edit that shows pictures which no version of the tweet has shown."""
    if not media:
        yield
        return
    claim = Claim(job.author_id, job.item_id, job.act_id)
    async with _claimed(media_stores, claim, media):
        yield


@asynccontextmanager
async def attached(media: MediaStores, tweet: TweetRecord) -> AsyncIterator[None]:
    """Around the write of a tweet. Raises RefusalError NOT_FOUND, before it, for pictures that can't be attached.

    What a process that was killed in the midst has claimed, the cleaning of pictures settles.
    """
    if not tweet.media:
        yield
        return
    async with _claimed(media, Claim(tweet.author_id, tweet.id, tweet.id), tweet.media):
        yield


@asynccontextmanager
async def _claimed(media_stores: MediaStores, claim: Claim, media: Sequence[MediaId]) -> AsyncIterator[None]:
    items = media_stores.items
    if not await items.claim(media, claim):
        raise RefusalError.of(
            UserErrorCode.NOT_FOUND, "Attach uploaded pictures of your own that are not shown yet.", "input", "media"
        )
    try:
        yield
    except UnavailableError:
        raise  # the tweet may have been posted nevertheless
    except BaseException:
        await items.release(claim)
        raise
    with suppress(UnavailableError):
        await items.confirm(claim)
