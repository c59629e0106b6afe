"""The ids of all documents that changed in a span of cluster time, read from a change stream and kept on disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from bson import Timestamp
from pymongo.errors import OperationFailure

from datastore.admin.backup.manifest import BackupError
from datastore.admin.backup.source import BACKUPS, Source, packed_id

_HISTORY_LOST: Final = (286, 280)  # ChangeStreamHistoryLost, ChangeStreamFatalError
_OF_DOCUMENTS: Final = ("insert", "update", "replace", "delete")
_AT_ONCE: Final = 1_000


class ChangedIds:
    """A set of ids for each collection. On disk, since a day's changes may exceed the memory."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute(
            "CREATE TABLE changed (collection TEXT, id BLOB, PRIMARY KEY (collection, id)) WITHOUT ROWID"
        )

    def add(self, collection: str, packed: bytes) -> None:
        self._connection.execute("INSERT OR IGNORE INTO changed VALUES (?, ?)", (collection, packed))

    def collections(self) -> list[str]:
        found = self._connection.execute("SELECT DISTINCT collection FROM changed ORDER BY collection")
        return [name for (name,) in found]

    def batches(self, collection: str) -> Iterator[list[bytes]]:
        last = b""
        query = "SELECT id FROM changed WHERE collection = ? AND id > ? ORDER BY id LIMIT ?"
        while batch := [one for (one,) in self._connection.execute(query, (collection, last, _AT_ONCE))]:
            yield batch
            last = batch[-1]


@contextmanager
def changed_ids(folder: Path) -> Iterator[ChangedIds]:
    """An empty set, whose file is removed at the end."""
    path = folder / "changed.sqlite"
    path.unlink(missing_ok=True)
    try:
        # Without transactions: what a crash leaves is made anew.
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            yield ChangedIds(connection)
    finally:
        path.unlink(missing_ok=True)


async def read_changes(source: Source, chain: str, since: Timestamp, ids: ChangedIds) -> Timestamp:
    """Adds the ids of what changed from `since` up to the returned time, which is that of the call.

    Raises BackupError where the oplog reaches back to `since` no more, or a collection went as a whole.
    """
    until = await source.time(chain)
    await source.time(chain)  # an event after `until` tells that all events before it have come
    try:
        async for event in source.changes(since):
            if event["clusterTime"] > until:
                break
            _add(event, ids)
    except OperationFailure as error:
        if error.code not in _HISTORY_LOST:
            raise
        raise BackupError(
            f"The oplog reaches back to {since.as_datetime():%Y-%m-%d %H:%M:%S} UTC no more. Back up into a new folder;"
            " increments need a longer oplog (minRetentionHours of replSetResizeOplog), or shorter pauses."
        ) from error
    return until


def _add(event: dict[str, object], ids: ChangedIds) -> None:
    space, kind = event.get("ns"), event["operationType"]
    collection = str(space.get("coll", "")) if isinstance(space, dict) else ""
    if collection == BACKUPS or collection.startswith("system."):
        return
    key = event.get("documentKey")
    if kind in _OF_DOCUMENTS and isinstance(key, dict):
        ids.add(collection, packed_id(key["_id"]))
    else:
        raise BackupError(f"{collection or 'The database'} was subject to {kind}: back up into a new folder.")
