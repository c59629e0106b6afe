"""The database that is backed up: its collections, and reads of them at one cluster time.

A server keeps the past for minutes (`minSnapshotHistoryWindowInSeconds`). Where reading takes longer, it goes on at a
later time; `times` then spans several, and what changed between them has to be read once more.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeAlias, cast

import bson
from bson import Timestamp
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from datastore.admin.backup.archives import ArchiveWriter
from datastore.mongo.client import database_name

BACKUPS: Final = "backups"
"""Collection: for each backup a document with the times that it has shown. It is no part of a backup itself."""
_AT_ONCE: Final = 1_000
_WAIT_MS: Final = 10_000
# SnapshotUnavailable, SnapshotTooOld
_NO_SNAPSHOT: Final = (246, 239)
_MOST_TRIES: Final = 20
_RAW: Final = CodecOptions(document_class=RawBSONDocument)
Row: TypeAlias = dict[str, Any]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator["Source"]:
    """A client without the time limits of requests."""
    client = AsyncMongoClient[Row](url, serverSelectionTimeoutMS=_WAIT_MS, w="majority", appname="rookery-backup")
    try:
        yield Source(client, database_name(url))
    finally:
        await client.close()


class Source:
    def __init__(self, client: AsyncMongoClient[Row], name: str) -> None:
        self._client = client
        self.database = client[name]
        # A cursor decodes its first batch by the options of the command, and all others by those of the database.
        self._raw = client.get_database(name, codec_options=_RAW)
        self.name = name

    async def collections(self) -> dict[str, Row]:
        """The options of each collection, by its name. Views and those of the system hold no truth of their own."""
        found = await self.database.list_collections()
        listed = [each async for each in found]
        return {
            each["name"]: dict(each["options"])
            for each in sorted(listed, key=lambda each: str(each["name"]))
            if each["type"] == "collection" and not each["name"].startswith("system.") and each["name"] != BACKUPS
        }

    async def indexes(self, collection: str) -> list[Row]:
        return [dict(index) async for index in await self.database[collection].list_indexes()]

    async def time(self, chain: str) -> Timestamp:
        """A cluster time that is later than all acknowledged writes: that of a write of its own."""
        async with self._client.start_session() as session:
            await self.database[BACKUPS].update_one(
                {"_id": chain}, {"$inc": {"looks": 1}}, upsert=True, session=session
            )
            at = session.operation_time
        assert at is not None  # noqa: S101 - a session has it after a write
        return at

    async def changes(self, since: Timestamp) -> AsyncIterator[Row]:
        """Events of the database's change stream from that time on; never ends."""
        wanted = {"$project": {"operationType": 1, "ns": 1, "documentKey._id": 1, "clusterTime": 1}}
        async with await self.database.watch([wanted], start_at_operation_time=since, batch_size=_AT_ONCE) as stream:
            async for event in stream:
                yield dict(event)

    async def read(self, collection: str, at: Timestamp, **query: Any) -> AsyncGenerator[RawBSONDocument, None]:
        """Documents as they were at that time; `query` has the fields of the command `find`."""
        wanted = {"readConcern": {"level": "snapshot", "atClusterTime": at}, "batchSize": _AT_ONCE}
        # The session has no times of its own, which would be added to the read concern.
        async with (
            self._client.start_session(causal_consistency=False) as session,
            await self._raw.cursor_command(
                {"find": collection, **query, **wanted}, session=session, codec_options=_RAW
            ) as cursor,
        ):
            async for document in cursor:
                yield cast("RawBSONDocument", document)


class Times:
    """The cluster times of one pass over the database. It begins with one, and moves on where that is forgotten."""

    def __init__(self, source: Source, chain: str, first: Timestamp) -> None:
        self._source, self._chain = source, chain
        self.first = self.latest = first

    @property
    def is_one(self) -> bool:
        return self.first == self.latest

    async def move_on(self, forgotten: Timestamp) -> None:
        """Does nothing where another reader has moved on already."""
        if self.latest == forgotten:
            self.latest = await self._source.time(self._chain)


async def copy_all(source: Source, times: Times, collection: str, writer: ArchiveWriter) -> None:
    """Writes each document of the collection once, in the order of ids."""
    last: RawBSONDocument | None = None
    tries = 0
    while True:
        at, written = times.latest, writer.documents
        try:
            async for document in _after(source, collection, at, last):
                await writer.add(document)
                last = document
        except OperationFailure as error:
            tries = await _again(error, times, at, tries if writer.documents == written else 0)
            continue
        return


async def copy_some(
    source: Source, times: Times, collection: str, ids: Sequence[bytes]
) -> tuple[list[RawBSONDocument], list[bytes]]:
    """The documents with these ids, and the ids without a document."""
    tries = 0
    while True:
        at = times.latest
        try:
            wanted = {"_id": {"$in": [plain_id(each) for each in ids]}}
            found = [document async for document in source.read(collection, at, filter=wanted)]
        except OperationFailure as error:
            tries = await _again(error, times, at, tries)
            continue
        known = {id_of(document) for document in found}
        return found, [each for each in ids if each not in known]


async def _after(
    source: Source, collection: str, at: Timestamp, last: RawBSONDocument | None
) -> AsyncIterator[RawBSONDocument]:
    """Documents past `last`, by bounds of the index: `$gt` would compare with ids of the same type only."""
    bounds = {} if last is None else {"min": {"_id": last["_id"]}}
    known = None if last is None else id_of(last)
    async for document in source.read(collection, at, sort={"_id": 1}, hint={"_id": 1}, **bounds):
        if known is None or id_of(document) != known:
            yield document
        known = None


async def _again(error: OperationFailure, times: Times, at: Timestamp, tries: int) -> int:
    """Moves on to a later time. Raises the error if it is another one, or comes too often in a row."""
    if error.code not in _NO_SNAPSHOT or tries + 1 == _MOST_TRIES:
        raise error
    await times.move_on(at)
    return tries + 1


def id_of(document: RawBSONDocument) -> bytes:
    """The id as a document of its own: values of any type can be compared and kept as bytes."""
    return packed_id(document["_id"])


def packed_id(value: object) -> bytes:
    return bson.encode({"_id": value})


def plain_id(packed: bytes) -> object:
    return bson.decode(packed)["_id"]
