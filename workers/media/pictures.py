"""Handler of media jobs: makes the variants of a picture, in a process of its own with limits.

A job that runs twice writes the same files again. A picture that is removed beside its processing loses the files of
both: whoever comes last deletes them.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

import msgspec
import structlog

from datastore.jobs.jobs import Job, ProcessMedia
from datastore.media.records import MediaRecord, MediaSize, MediaState, Processed, VariantRecord
from datastore.media.storage import incoming, variant
from datastore.media.stores import MediaStores

# The process ends itself by its limit of processor time; this ends one that waits. An answer within 10 s is promised.
WALL_SECONDS = 9.5
FAILED_BY_LIMIT = "This picture takes more time or memory than one may have."
LOST = "The bytes of this picture were lost: upload it again."
# Not imported: this process decodes no picture.
PROGRAM = Path(__file__).with_name("process_picture.py")
ENVIRONMENT = {"VIPS_CONCURRENCY": "1", "VIPS_BLOCK_UNTRUSTED": "1"}
_log = structlog.get_logger()


class _Variant(msgspec.Struct):
    width: int
    height: int
    bytes: int


class _Answer(msgspec.Struct):
    """answer.json of the program."""

    failure: str | None = None
    width: int = 0
    height: int = 0
    blurhash: str = ""
    variants: dict[MediaSize, _Variant] = {}


async def handle(stores: MediaStores, job: Job) -> None:
    if not isinstance(job, ProcessMedia):
        raise TypeError(f"no job of this queue: {job!r}")
    media = await stores.items.get(job.media_id)
    if media is None or media.state is not MediaState.PROCESSING:
        await _tidy(stores, job, media)
        return
    original = await stores.storage.get(incoming(media.id))
    result = LOST if original is None else await _process(stores, media, original)
    await stores.items.processed(media.id, result)
    await _tidy(stores, job, await stores.items.get(media.id))


async def _tidy(stores: MediaStores, job: ProcessMedia, media: MediaRecord | None) -> None:
    """Deletes the upload, and of a picture that is not shown all files."""
    if media is None or media.state is MediaState.FAILED:
        await stores.storage.delete_of(job.media_id)
    else:
        await stores.storage.delete(incoming(job.media_id))


async def _process(stores: MediaStores, media: MediaRecord, original: bytes) -> Processed | str:
    """Writes the variants into the storage; a sentence where the picture can't be processed."""
    with tempfile.TemporaryDirectory(prefix="rookery-picture-") as name:
        folder = Path(name)
        await asyncio.to_thread((folder / "original").write_bytes, original)
        answer = await _run_program(folder, media)
        if answer is None or answer.failure is not None:
            return FAILED_BY_LIMIT if answer is None else str(answer.failure)
        made = [VariantRecord(size, one.width, one.height, one.bytes) for size, one in answer.variants.items()]
        for one in made:
            data = await asyncio.to_thread((folder / f"{one.size}.webp").read_bytes)
            await stores.storage.put(variant(media, one.size), data)
    return Processed(answer.width, answer.height, answer.blurhash, tuple(made))


async def _run_program(folder: Path, media: MediaRecord) -> _Answer | None:
    """None where the program was ended by a limit."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(PROGRAM), str(folder), media.content_type),
        env=ENVIRONMENT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, errors = await asyncio.wait_for(process.communicate(), WALL_SECONDS)
    except TimeoutError:
        errors = b"out of time"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        _log.warning(
            "picture not processed",
            media=media.id,
            status=process.returncode,
            errors=errors[-500:].decode(errors="replace"),
        )
        return None
    return msgspec.json.decode(await asyncio.to_thread((folder / "answer.json").read_bytes), type=_Answer)
