"""Hostile files: none is served as it came, each ends READY or FAILED with a sentence, and the worker stands."""

import asyncio
import time
from io import BytesIO

from PIL import Image

from core.ids import MediaId
from datastore.jobs.jobs import ProcessMedia
from datastore.media.records import MediaRecord, MediaState
from datastore.media.storage import incoming, variants
from datastore.stores import Stores
from tests.datastore.opened import new_user
from tests.workers.media.hostile import MARK, hostile_files
from workers.media.pictures import WALL_SECONDS, handle

AT_ONCE = 2


async def test_hostile_files_are_refused_or_made_anew(opened: Stores) -> None:
    """A few of those that `bench.writes.hostile_pictures` sends."""
    await _process_all(opened, seed=1, count=24)


async def _process_all(stores: Stores, *, seed: int, count: int) -> None:
    owner, limit = await new_user(stores, "alice"), asyncio.Semaphore(AT_ONCE)

    async def check(number: int, what: str, data: bytes, content_type: str) -> None:
        async with limit:
            media = MediaRecord(
                MediaId(stores.ids()), owner, MediaState.WAITING, content_type, len(data), "0" * 64, f"secret-{number}"
            )
            await stores.media.items.insert(media)
            await stores.media.storage.put(incoming(media.id), data)
            job = ProcessMedia(stores.ids(), media.id)
            assert await stores.media.items.arrived(job)
            began = time.monotonic()
            await handle(stores.media, job)
            assert time.monotonic() - began < WALL_SECONDS + 10, what
            await _check_result(stores, media.id, what)

    files = enumerate(hostile_files(seed, count))
    await asyncio.gather(*[check(number, *file) for number, file in files])


async def _check_result(stores: Stores, media_id: MediaId, what: str) -> None:
    media = await stores.media.items.get(media_id)
    assert media is not None
    files = [file.key async for file in stores.media.storage.files(str(media_id))]
    assert await stores.media.storage.get(incoming(media_id)) is None
    if media.state is MediaState.FAILED:
        assert (bool(media.failure and media.failure.endswith(".")), files) == (True, []), what
        return
    assert (media.state, sorted(files)) == (MediaState.READY, sorted(variants(media))), what
    for key in files:
        made = await stores.media.storage.get(key)
        assert made is not None
        with Image.open(BytesIO(made)) as picture:
            assert (picture.format, MARK in made) == ("WEBP", False), what
