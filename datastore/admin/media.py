"""Compares the storage of pictures with the database, in both directions, and mends what differs.

Files younger than a minute are left: their row may be about to be written.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Final

from core.auth.tokens import utc_now
from core.ids import MediaId
from datastore.media.records import MediaRecord, MediaState
from datastore.media.storage import INCOMING, StoredFile, variants
from datastore.stores import Stores

_YOUNG: Final = timedelta(minutes=1)
_AT_ONCE: Final = 500
LOST: Final = "The files of this picture were lost."


async def verify_media(stores: Stores, *, now: datetime | None = None) -> list[str]:
    """A line for each difference, which is mended; empty where the storage equals the database."""
    before = (now or utc_now()) - _YOUNG
    return [
        *[line async for line in _files_without_row(stores, before)],
        *[line async for line in _rows_without_file(stores)],
        *[line async for line in _unshown_profile_pictures(stores)],
    ]


async def _files_without_row(stores: Stores, before: datetime) -> AsyncIterator[str]:
    async for files in _batches(stores):
        old = [file for file in files if file.modified < before]
        ids = list({media_id for file in old if (media_id := _media_id(file.key)) is not None})
        rows = dict(zip(ids, await stores.media.items.get_many(ids), strict=True))
        for file in old:
            if not _belongs(file.key, rows.get(_media_id(file.key) or MediaId(0))):
                await stores.media.storage.delete(file.key)
                yield f"{file.key}: a file without a row, deleted"


async def _rows_without_file(stores: Stores) -> AsyncIterator[str]:
    after = 0
    while rows := await stores.media.items.all_rows(after, _AT_ONCE):
        after = rows[-1].id
        for row in rows:
            if row.state is MediaState.READY and not await _has_files(stores, row):
                await stores.media.items.lose(row.id, LOST)
                yield f"{row.id}: a row without its files, marked as failed"


async def _unshown_profile_pictures(stores: Stores) -> AsyncIterator[str]:
    after = 0
    while rows := await stores.media.items.all_rows(after, _AT_ONCE):
        after = rows[-1].id
        on_profiles = [row for row in rows if row.use is not None and row.tweet_id is None]
        owners = await stores.users.accounts.with_suspended([row.owner_id for row in on_profiles])
        for row, owner in zip(on_profiles, owners, strict=True):
            shown = (owner.avatar, owner.banner) if owner is not None else ()
            if not any(f"/{row.secret}/" in path for path in shown if path):
                await stores.media.items.remove(row.id)
                yield f"{row.id}: a picture that its owner's profile shows no more, removed"


async def _batches(stores: Stores) -> AsyncIterator[list[StoredFile]]:
    batch: list[StoredFile] = []
    async for file in stores.media.storage.files():
        batch.append(file)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    yield batch


async def _has_files(stores: Stores, row: MediaRecord) -> bool:
    sizes = {file.key: file.size async for file in stores.media.storage.files(str(row.id))}
    expected = zip(variants(row), row.variants, strict=True)
    return all(sizes.get(key) == one.byte_length for key, one in expected)


def _belongs(key: str, row: MediaRecord | None) -> bool:
    if row is None:
        return False
    if key.startswith(f"{INCOMING}/"):
        return row.state in (MediaState.WAITING, MediaState.PROCESSING)
    return key in variants(row) or row.state is MediaState.PROCESSING


def _media_id(key: str) -> MediaId | None:
    """None for a key that is no picture's."""
    parts: Iterable[str] = key.split("/")
    number = next((part for part in parts if part != INCOMING), "")
    return MediaId(int(number)) if number.isascii() and number.isdecimal() else None
