"""A backup of a database in use is that database at one time, and increments bring it up to another one."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import Int64, ObjectId, Timestamp, json_util
from bson.raw_bson import RawBSONDocument
from pymongo import IndexModel
from pymongo.errors import OperationFailure

from datastore.admin.backup import source as source_module
from datastore.admin.backup.archives import ArchiveWriter
from datastore.admin.backup.manifest import BackupError
from datastore.admin.backup.source import Source, opened
from tests.datastore.admin.backup.stage import Stage, rows_of, staged
from tests.support.stores import OwnStore, Stores
from tests.support.waiting import eventually

ACCOUNTS = 400
TOTAL = 100 * ACCOUNTS
_SNAPSHOT_TOO_OLD = 239


@pytest.fixture
async def stage(stores: Stores, redis_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(stores, redis_url, tmp_path) as stage:
        yield stage


class Bank:
    """Accounts in two collections between which transactions move money: their sum is wrong at no single time."""

    def __init__(self, source: Source) -> None:
        self._source, self.moves = source, 0
        self._turn = asyncio.Lock()
        self.low, self.high = source.database["a_low"], source.database["z_high"]

    async def open(self) -> None:
        for collection in (self.low, self.high):
            await collection.insert_many([{"_id": Int64(number), "money": 100} for number in range(ACCOUNTS // 2)])

    async def move_until(self, stop: asyncio.Event) -> None:
        """Each move is noted by a document that is inserted with it; some are deleted and inserted again."""
        while not stop.is_set():
            await self.move()

    async def move(self) -> None:
        async with self._turn:
            await self._move()

    async def _move(self) -> None:
        number = self.moves * 37 % (ACCOUNTS // 2)
        taken, given = (self.low, self.high) if self.moves % 3 else (self.high, self.low)
        async with self._source.database.client.start_session() as session, await session.start_transaction():
            await taken.update_one({"_id": number}, {"$inc": {"money": -7}}, session=session)
            row = await given.find_one_and_delete({"_id": ACCOUNTS // 2 - 1 - number}, session=session)
            assert row is not None
            await given.insert_one({**row, "money": row["money"] + 7}, session=session)
            await self._source.database["moves"].insert_one({"_id": Int64(self.moves)}, session=session)
        self.moves += 1


def money(rows: dict[str, list[dict[str, Any]]]) -> int:
    return sum(row["money"] for name in ("a_low", "z_high") for row in rows[name])


async def test_each_run_shows_all_collections_at_one_time_while_transactions_go_on(stage: Stage) -> None:
    bank, stop = Bank(stage.source), asyncio.Event()
    await bank.open()
    moving = asyncio.create_task(bank.move_until(stop))
    await eventually(lambda: bank.moves > 20)
    known = []
    for _ in range(3):
        before = bank.moves
        await stage.back_up()
        known.append((before, await stage.restored()))
        await eventually(lambda reached=before + 20: bank.moves > reached)  # type: ignore[misc]
    stop.set()
    await moving
    for before, rows in known:
        assert money(rows) == TOTAL
        moves = [row["_id"] for row in rows["moves"]]
        assert moves == list(range(len(moves)))
        assert len(moves) >= before
    assert len(known[0][1]["moves"]) < len(known[2][1]["moves"])
    await stage.back_up()
    assert await stage.restored() == await rows_of(stage.source)


async def test_documents_ids_options_and_indexes_of_any_kind_come_back(stage: Stage) -> None:
    database = stage.source.database
    mixed: list[Any] = [3, Int64(2**40), "a", "b", ObjectId(), {"compound": 1}, 1.5, True]
    await database["mixed"].insert_many([{"_id": each, "kept": [None, {"deep": each}]} for each in mixed])
    await database.create_collection("strict", validator={"kept": {"$type": "int"}}, collation={"locale": "de"})
    await database["strict"].insert_one({"_id": "ä", "kept": 1})
    await database["mixed"].create_indexes(
        [IndexModel([("at", 1)], expireAfterSeconds=60), IndexModel([("kept", 1)], partialFilterExpression={"a": 1})]
    )
    await database["empty"].create_index("unique", unique=True)
    await database.create_collection("a_view", viewOn="mixed", pipeline=[])
    await stage.back_up()
    for number, each in enumerate(mixed):  # half of them go, half change
        if number % 2:
            await database["mixed"].delete_one({"_id": each})
        else:
            await database["mixed"].update_one({"_id": each}, {"$set": {"more": number}})
    await database["later"].insert_one({"_id": "new"})
    await stage.back_up()
    await stage.target.database["strict"].create_index("made by a start on an empty database")
    await stage.restore()
    rows = await rows_of(stage.source)
    del rows["a_view"], rows["system.views"]
    assert await rows_of(stage.target) == rows
    assert await stage.target.collections() == await stage.source.collections()
    for name in await stage.source.collections():
        assert await stage.target.indexes(name) == await stage.source.indexes(name)


async def test_files_are_those_of_mongodump(stage: Stage) -> None:
    await stage.source.database["people"].insert_many(
        [{"_id": Int64(number), "name": f"p{number}"} for number in range(5)]
    )
    manifest = await stage.back_up()
    folder = stage.folder / manifest.runs[0].layers[0].folder / stage.source.name
    rows = bson.decode_all(gzip.decompress((folder / "people.bson.gz").read_bytes()))
    assert [row["name"] for row in rows] == [f"p{number}" for number in range(5)]
    with gzip.open(folder / "people.metadata.json.gz") as file:
        metadata = json_util.loads(file.read().decode())
    assert metadata["collectionName"] == "people"
    assert [index["name"] for index in metadata["indexes"]] == ["_id_"]


async def test_a_copy_that_outlives_what_the_server_remembers_is_of_one_time_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the midst of the copy of two collections, and again in that of the changes, the time that is read at is
    forgotten: a server says so by SnapshotTooOld, at a moment that it chooses itself.
    """
    monkeypatch.setattr(source_module, "_AT_ONCE", 10)
    bank, remembered, times_forgotten = Bank(stage.source), Timestamp(0, 0), 0
    await bank.open()
    read, add = Source.read, ArchiveWriter.add

    async def read_what_is_remembered(
        source: Source, collection: str, at: Timestamp, **query: Any
    ) -> AsyncIterator[RawBSONDocument]:
        async with aclosing(read(source, collection, at, **query)) as documents:
            async for document in documents:
                if at < remembered:
                    raise OperationFailure("forgotten", _SNAPSHOT_TOO_OLD)
                yield document

    async def forget(writer: ArchiveWriter, document: RawBSONDocument) -> None:
        nonlocal remembered, times_forgotten
        await add(writer, document)
        if writer.documents == 25 and times_forgotten < 3:
            times_forgotten += 1
            for _ in range(40):
                await bank.move()
            remembered = await stage.source.time("of the test")

    monkeypatch.setattr(Source, "read", read_what_is_remembered)
    monkeypatch.setattr(ArchiveWriter, "add", forget)
    manifest = await stage.back_up()
    assert times_forgotten == 3
    assert len(manifest.runs[0].layers) == 3
    await bank.move()
    await stage.source.database["moves"].delete_one({"_id": 3})
    rows = await stage.restored()
    assert money(rows) == TOTAL
    assert [row["_id"] for row in rows["moves"]] == list(range(len(rows["moves"])))
    manifest = await stage.back_up()
    assert await stage.restored() == await rows_of(stage.source)


async def test_a_server_that_forgot_a_time_says_so_as_it_is_expected_to(
    own_mongo: Callable[[], Awaitable[OwnStore]],
) -> None:
    async with opened((await own_mongo()).url) as source:
        bank = Bank(source)
        await bank.open()
        await source.database.client.admin.command("setParameter", 1, minSnapshotHistoryWindowInSeconds=0)
        at = await source.time("of the test")

        async def is_forgotten() -> bool:
            for _ in range(40):
                await bank.move()
            try:
                return [one async for one in source.read("a_low", at)] == []
            except OperationFailure as error:
                return error.code == _SNAPSHOT_TOO_OLD

        assert await eventually(is_forgotten, within=30)


async def test_only_a_folder_of_its_own_and_the_database_of_before_are_added_to(stage: Stage) -> None:
    await stage.source.database["people"].insert_one({"_id": 1})
    stage.folder.mkdir()
    (stage.folder / "letters").mkdir()
    with pytest.raises(BackupError, match="neither empty nor a backup: it holds letters"):
        await stage.back_up()
    (stage.folder / "letters").rmdir()
    await stage.back_up()
    await stage.restore()
    with pytest.raises(BackupError, match="of another database, or of this one before it was restored"):
        await stage.back_up(source=stage.target)
    await stage.source.database["people"].drop()
    with pytest.raises(BackupError, match="people was subject to drop: back up into a new folder"):
        await stage.back_up()
    await stage.empty()
    assert [row["_id"] for row in (await stage.restored())["people"]] == [1]


async def test_a_run_that_failed_leaves_the_ones_before_and_is_made_anew(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = stage.source.database["people"]
    await people.insert_many([{"_id": number} for number in range(3)])

    async def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for runs in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(ArchiveWriter, "close", full)
            with pytest.raises((OSError, ExceptionGroup)):
                await stage.back_up()
        if not runs:
            with pytest.raises(BackupError, match="is half-written"):
                await stage.restore()
        else:
            assert [row["_id"] for row in (await stage.restored())["people"]] == [0, 1, 2]
        assert len((await stage.back_up()).runs) == runs + 1
        await people.insert_one({"_id": 3 + runs})
    assert {path.name for path in stage.folder.iterdir()} == {
        *("manifest.json", "0001-0-whole", "0001-pictures.jsonl.gz", "0002-0-changes", "0002-pictures.jsonl.gz"),
    }


async def test_two_backups_at_a_time_do_not_write_into_one_folder(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.source.database["people"].insert_one({"_id": 1})
    began, goes_on = asyncio.Event(), asyncio.Event()
    close = ArchiveWriter.close

    async def wait(writer: ArchiveWriter) -> None:
        began.set()
        await goes_on.wait()
        await close(writer)

    monkeypatch.setattr(ArchiveWriter, "close", wait)
    first = asyncio.create_task(stage.back_up())
    await began.wait()
    with pytest.raises(BackupError, match="Another backup writes into"):
        await stage.back_up()
    goes_on.set()
    assert len((await first).runs) == 1
