"""`backup`: all collections at one cluster time and all pictures, from stores in use. A second run adds what changed.

The documents of a run are read at one time. Where the server forgets that time while they are read, what changed in
the meantime is read again at a later one, and so on until a pass has a single time; that is the stamp of the run.
"""

import asyncio
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bson import Timestamp
from bson.raw_bson import RawBSONDocument

from datastore.admin.backup.archives import ArchiveWriter, write_metadata
from datastore.admin.backup.changes import ChangedIds, changed_ids, read_changes
from datastore.admin.backup.manifest import (
    MANIFEST,
    UNFINISHED,
    BackupError,
    FileSum,
    Layer,
    Manifest,
    Pictures,
    Run,
    picture_lines,
    read_manifest,
    sum_of,
    sync_folder,
    write_manifest,
)
from datastore.admin.backup.pictures import PictureCopies, list_pictures, write_listing
from datastore.admin.backup.source import BACKUPS, Source, Times, copy_all, copy_some
from datastore.media.storage import MediaStorage

_COLLECTIONS_AT_ONCE: Final = 3
# Each pass reads what changed during the one before, and so takes less time than it.
_MOST_PASSES: Final = 20
# Ids of documents that are gone. No database can have this name.
DELETED: Final = "deleted.ids"
_OURS: Final = re.compile(r"\d{4}-\d+-(whole|changes)|\d{4}-pictures\.jsonl\.gz|changed\.sqlite|manifest\.json\.new")
Advance = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Pictured:
    """The storage of pictures, the setting that names it, and whether its files are copied or only listed."""

    storage: MediaStorage
    url: str
    is_copied: bool


async def back_up(source: Source, pictured: Pictured, folder: Path, advance: Advance) -> Manifest:
    """Adds a run to the backup in `folder`, the first one if it is empty or absent. Returns the new manifest.

    Raises BackupError where the folder holds anything else, or a backup that this database can't add to.
    """
    with _locked(folder):
        known = await _known(source, folder)
        manifest = known or Manifest(secrets.token_hex(8), source.name, [])
        run = await _run(source, pictured, folder, manifest, advance)
        manifest = Manifest(manifest.chain, manifest.database, [*manifest.runs, run])
        stamp = {"$push": {"stamps": run.stamp}, "$set": {"at": datetime.now(UTC)}}
        await source.database[BACKUPS].update_one({"_id": manifest.chain}, stamp, upsert=True)
        write_manifest(folder, manifest)
        return manifest


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One backup at a time writes into the folder; while it does, and after it failed, a file says so."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    present = {path.name for path in folder.iterdir()}
    if present and MANIFEST not in present and UNFINISHED not in present:
        raise BackupError(f"{folder} is neither empty nor a backup: it holds {', '.join(sorted(present)[:5])}.")
    path = folder / UNFINISHED
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"Another backup writes into {folder} at this moment.") from None
        yield
        path.unlink()


async def _known(source: Source, folder: Path) -> Manifest | None:
    """The backup in the folder, rid of what runs that failed have left; None if there is no whole run."""
    manifest = read_manifest(folder) if (folder / MANIFEST).exists() else None
    runs = manifest.runs if manifest is not None else []
    wanted = {layer.folder for run in runs for layer in run.layers} | {run.pictures.listing for run in runs}
    _remove_all_but(wanted, folder)
    if manifest is not None:
        await _ensure_continued(source, folder, manifest)
    return manifest


def _remove_all_but(wanted: Collection[str], folder: Path) -> None:
    """Touches only files and folders with names that this program gives."""
    for path in folder.iterdir():
        if path.name in wanted or not _OURS.fullmatch(path.name):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


async def _ensure_continued(source: Source, folder: Path, manifest: Manifest) -> None:
    row = await source.database[BACKUPS].find_one({"_id": manifest.chain})
    if row is None or manifest.runs[-1].stamp not in row.get("stamps", ()):
        raise BackupError(
            f"{folder} is a backup of another database, or of this one before it was restored. Use a new folder."
        )


async def _run(source: Source, pictured: Pictured, folder: Path, manifest: Manifest, advance: Advance) -> Run:
    begun, number = datetime.now(UTC), len(manifest.runs) + 1
    copies = _copies(pictured, folder, manifest)
    if copies is not None:
        await copies.copy_new(advance)
    layers, stamp = [], manifest.runs[-1].stamp if manifest.runs else None
    for part in range(_MOST_PASSES):
        name = f"{number:04}-{part}-{'whole' if stamp is None else 'changes'}"
        writer = _LayerWriter(source, folder, name, advance)
        times = await writer.whole(manifest.chain) if stamp is None else await writer.changes(manifest.chain, stamp)
        layers.append(await writer.finish())
        stamp = times.latest if times.is_one else times.first
        if times.is_one:
            break
    else:
        raise BackupError(
            f"The database changes faster than it can be read: {_MOST_PASSES} passes, and the server forgot the time of"
            " each while it was read. Raise minSnapshotHistoryWindowInSeconds."
        )
    if copies is not None:
        await copies.copy_new(advance)
    pictures = await _listed(pictured, folder, f"{number:04}-pictures.jsonl.gz", copies)
    return Run(begun.isoformat(timespec="seconds"), stamp.time, stamp.inc, layers, pictures)


def _copies(pictured: Pictured, folder: Path, manifest: Manifest) -> PictureCopies | None:
    """Files are copied before the documents are read, lest they are deleted meanwhile, and new ones after that."""
    if not pictured.is_copied:
        return None
    last = manifest.runs[-1].pictures if manifest.runs else None
    before = picture_lines(folder, last) if last is not None and last.is_copied else ()
    return PictureCopies(pictured.storage, folder, before)


async def _listed(pictured: Pictured, folder: Path, name: str, copies: PictureCopies | None) -> Pictures:
    lines = await list_pictures(pictured.storage) if copies is None else copies.lines()
    return write_listing(folder, name, lines, is_copied=pictured.is_copied, url=pictured.url)


class _LayerWriter:
    """Writes one layer: `whole` or `changes`, then `finish`."""

    def __init__(self, source: Source, folder: Path, name: str, advance: Advance) -> None:
        self._source, self._folder, self._layer = source, folder, folder / name
        self._advance = advance
        self._documents: dict[str, int] = {}
        self._is_whole = False

    async def whole(self, chain: str) -> Times:
        self._is_whole = True
        times = Times(self._source, chain, await self._source.time(chain))
        collections = await self._write_metadata()
        limit = asyncio.Semaphore(_COLLECTIONS_AT_ONCE)

        async def copy(collection: str) -> None:
            async with limit, self._file(collection) as writer:
                await copy_all(self._source, times, collection, writer)

        async with asyncio.TaskGroup() as group:
            for collection in collections:
                group.create_task(copy(collection))
        return times

    async def changes(self, chain: str, since: Timestamp) -> Times:
        with changed_ids(self._folder) as ids:
            times = Times(self._source, chain, await read_changes(self._source, chain, since, ids))
            await self._write_metadata()
            for collection in ids.collections():
                await self._copy_changed(times, collection, ids)
        return times

    async def finish(self) -> Layer:
        paths = sorted(path for path in self._layer.rglob("*") if path.is_file())
        files = {str(path.relative_to(self._folder)): await asyncio.to_thread(_synced_sum, path) for path in paths}
        for folder in {path.parent for path in paths} | {self._layer}:
            sync_folder(folder)
        return Layer(self._layer.name, self._is_whole, files, self._documents)

    async def _copy_changed(self, times: Times, collection: str, ids: ChangedIds) -> None:
        deleted = self._layer / DELETED / f"{collection}.bson.gz"
        async with self._file(collection) as writer, _archive(deleted) as gone:
            for batch in ids.batches(collection):
                found, missing = await copy_some(self._source, times, collection, batch)
                for document in found:
                    await writer.add(document)
                for packed in missing:
                    await gone.add(RawBSONDocument(packed))

    @asynccontextmanager
    async def _file(self, collection: str) -> AsyncIterator[ArchiveWriter]:
        async with _archive(self._layer / self._source.name / f"{collection}.bson.gz") as writer:
            yield writer
        self._documents[collection] = writer.documents
        self._advance(writer.documents)

    async def _write_metadata(self) -> Mapping[str, Any]:
        collections = await self._source.collections()
        folder = self._layer / self._source.name
        folder.mkdir(parents=True, exist_ok=True)
        for name, options in collections.items():
            indexes = await self._source.indexes(name)
            write_metadata(folder / f"{name}.metadata.json.gz", name, options, indexes)
        return collections


@asynccontextmanager
async def _archive(path: Path) -> AsyncIterator[ArchiveWriter]:
    writer = ArchiveWriter(path)
    try:
        yield writer
        await writer.close()
    finally:
        writer.abandon()


def _synced_sum(path: Path) -> FileSum:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return sum_of(path)
