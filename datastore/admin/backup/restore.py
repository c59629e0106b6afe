"""`restore`: a backup into an empty database; pictures into their storage; caches, queues and event logs emptied.

Everything is checked before anything is changed. A document in the database says that it is being restored, so that a
restoration that was cut short is known as one, and begun anew by the same command.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bson.raw_bson import RawBSONDocument
from pymongo.errors import BulkWriteError
from redis.asyncio import Redis

from datastore.admin.backup.archives import read_documents, read_metadata
from datastore.admin.backup.backup import DELETED
from datastore.admin.backup.manifest import BackupError, Layer, Manifest, read_manifest, verify_files
from datastore.admin.backup.pictures import ensure_restorable, restore_pictures
from datastore.admin.backup.source import BACKUPS, Source
from datastore.jobs.worker_ids import living_processes
from datastore.media.storage import MediaStorage
from datastore.mongo.form import DATABASE_FORM
from datastore.redis.client import delete_all

RESTORING: Final = "restoring"
# Collections that a start on an empty database leaves there.
_OF_NO_MATTER: Final = ("derived_fields", DATABASE_FORM)
_DOCUMENTS, _METADATA = ".bson.gz", ".metadata.json.gz"
Advance = Callable[[int], object]


async def restore(
    source: Source, storage: MediaStorage, redis: Sequence[Redis], folder: Path, advance: Advance
) -> Manifest:
    """`source` is the database that it goes into, `redis` all that are emptied. Returns the manifest of the backup.

    Raises BackupError, and has changed nothing then, where the backup is broken or a store is not empty.
    """
    manifest = read_manifest(folder)
    verify_files(folder, manifest)
    await _ensure_empty(source, manifest)
    await ensure_restorable(storage, folder, manifest)
    await _ensure_unused(redis)
    await _begin(source, manifest)
    described = folder / manifest.runs[-1].layers[-1].folder / manifest.database
    await _create(source, described)
    for run in manifest.runs:
        for layer in run.layers:
            await _load(source, folder, layer, advance)
    await _make_indexes(source, described)
    await restore_pictures(storage, folder, manifest.runs[-1].pictures, advance)
    for one in redis:
        await delete_all(one)
    await source.database[BACKUPS].drop()
    return manifest


async def _ensure_empty(source: Source, manifest: Manifest) -> None:
    """A restoration of the same backup that was cut short counts as empty."""
    _ensure_past(manifest)
    begun = await source.database[BACKUPS].find_one({"_id": RESTORING})
    if begun is not None and begun["chain"] == manifest.chain:
        return
    names = [name for name in await source.collections() if name not in _OF_NO_MATTER]
    counts = {name: await source.database[name].estimated_document_count() for name in names}
    found = [f"{name} ({count:,})" for name, count in counts.items() if count]
    if begun is not None or found:
        what = ", ".join(found) or "the beginning of another restoration"
        raise BackupError(
            f"The database {source.name} is not empty; it has {what}. `restore` goes into an empty one only."
            " Nothing was restored."
        )


def _ensure_past(manifest: Manifest) -> None:
    """Ids rise with the clock: those of after would come before those of the backup."""
    taken, now = manifest.runs[-1].stamp.as_datetime(), datetime.now(UTC)
    if taken > now:
        raise BackupError(
            f"The backup is of {taken:%Y-%m-%d %H:%M:%S}, and the clock of this machine is at"
            f" {now:%Y-%m-%d %H:%M:%S} UTC. Set it right. Nothing was restored."
        )


async def _ensure_unused(redis: Sequence[Redis]) -> None:
    living = max([await living_processes(one) for one in redis])
    if living:
        raise BackupError(
            f"{living} processes of Rookery run on these stores. End them first, and start them when all is restored."
            " Nothing was restored."
        )


async def _begin(source: Source, manifest: Manifest) -> None:
    """Drops empty collections, too: their unique indexes would refuse what is replaced later on."""
    mark = {"$set": {"chain": manifest.chain, "at": datetime.now(UTC)}}
    await source.database[BACKUPS].update_one({"_id": RESTORING}, mark, upsert=True)
    for name in await source.collections():
        await source.database[name].drop()


async def _load(source: Source, folder: Path, layer: Layer, advance: Advance) -> None:
    options = await source.collections()
    for path in [folder / name for name in layer.files if name.endswith(_DOCUMENTS)]:
        name = path.name.removesuffix(_DOCUMENTS)
        rows = source.database[name]
        for batch in read_documents(path):
            if not layer.is_whole:
                await rows.delete_many({"_id": {"$in": [document["_id"] for document in batch]}})
            if path.parent.name != DELETED:
                await _insert(rows, batch, is_validated="validator" in options.get(name, ()))
                advance(len(batch))


async def _insert(rows: Any, batch: Sequence[RawBSONDocument], *, is_validated: bool) -> None:
    """Accounts of applications may not bypass validation, so that it is asked for only where there is one."""
    try:
        await rows.insert_many(batch, ordered=False, bypass_document_validation=is_validated or None)
    except BulkWriteError as error:
        first = (error.details or {})["writeErrors"][0]
        raise BackupError(f"The database refused a document of {rows.name}: {first['errmsg']}") from error


async def _create(source: Source, described: Path) -> None:
    """Makes the collections with their options, as they were at the last run."""
    for name, metadata in _metadata(described):
        await source.database.command({"create": name, **metadata["options"]})


async def _make_indexes(source: Source, described: Path) -> None:
    """Unique ones hold, since the documents are of one time."""
    for name, metadata in _metadata(described):
        indexes = [index for index in metadata["indexes"] if index["name"] != "_id_"]
        if indexes:
            await source.database.command({"createIndexes": name, "indexes": indexes})


def _metadata(described: Path) -> list[tuple[str, dict[str, Any]]]:
    paths = sorted(described.glob(f"*{_METADATA}"))
    return [(path.name.removesuffix(_METADATA), read_metadata(path)) for path in paths]
