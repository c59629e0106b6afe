"""A backup is restored whole or not at all, and into empty stores only."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.auth.tokens import utc_now
from datastore.admin.backup import restore as restore_module
from datastore.admin.backup.manifest import BackupError, read_manifest
from datastore.admin.backup.source import BACKUPS
from datastore.jobs.worker_ids import WorkerIdLease
from datastore.redis import job_keys
from tests.datastore.admin.backup.stage import Stage, rows_of, staged
from tests.support.stores import Stores


@pytest.fixture
async def stage(stores: Stores, redis_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """With people, a picture, and a key in Redis."""
    async with staged(stores, redis_url, tmp_path) as stage:
        await stage.source.database["people"].insert_many([{"_id": number, "text": "x" * 99} for number in range(50)])
        await stage.pictures.put("1/secret/LARGE.webp", b"one")
        await stage.redis.set("cached", "before")
        yield stage


async def is_untouched(stage: Stage) -> bool:
    names = await stage.target.database.list_collection_names()
    files = [file async for file in stage.restored_pictures.files()]
    return not names and not files and await stage.redis.get("cached") == b"before"


async def test_what_is_broken_is_refused_and_named_and_changes_nothing(stage: Stage) -> None:
    await stage.back_up()
    await stage.source.database["people"].delete_one({"_id": 7})
    await stage.back_up()
    whole, changes = ((stage.folder / name / stage.source.name) for name in ("0001-0-whole", "0002-0-changes"))
    deleted = stage.folder / "0002-0-changes" / "deleted.ids" / "people.bson.gz"
    people, picture = whole / "people.bson.gz", stage.folder / "pictures" / "1" / "secret" / "LARGE.webp"
    manifest = stage.folder / "manifest.json"
    text = manifest.read_bytes()
    faults: list[tuple[Path, bytes | None, str]] = [
        (people, people.read_bytes()[:-3], r"people\.bson\.gz: it has [\d,]+ bytes in the place of"),
        (people, people.read_bytes()[:-1] + b"\xff", r"people\.bson\.gz: its checksum is wrong"),
        (changes / "people.metadata.json.gz", None, r"people\.metadata\.json\.gz: it is missing"),
        (deleted, None, r"deleted\.ids/people\.bson\.gz: it is missing"),
        (picture, b"two", r"pictures/1/secret/LARGE\.webp: its checksum is wrong"),
        (picture, None, r"pictures/1/secret/LARGE\.webp: it is missing"),
        (stage.folder / "0002-pictures.jsonl.gz", b"", r"0002-pictures\.jsonl\.gz: it has 0 bytes"),
        (manifest, text.replace(b"0002-0-changes", b"0001-0-whole"), "was changed: its checksum is wrong"),
        (manifest, text[:-20], "is broken"),
        (manifest, text.replace(b'"format": 1', b'"format": 2'), "has format 2; this program reads format 1"),
        (manifest, None, "is no backup: it has no manifest.json"),
    ]
    for path, content, told in faults:
        before = path.read_bytes()
        if content is None:
            path.unlink()
        else:
            assert content != before
            path.write_bytes(content)
        with pytest.raises(BackupError, match=told):
            await stage.restore()
        assert await is_untouched(stage)
        path.write_bytes(before)
    stage.folder.rename(stage.folder.with_name("moved"))
    with pytest.raises(BackupError, match="there is no such folder"):
        await stage.restore()
    stage.folder.with_name("moved").rename(stage.folder)
    assert len((await stage.restored())["people"]) == 49


async def test_stores_that_are_not_empty_are_refused_with_what_is_there(stage: Stage) -> None:
    await stage.back_up()
    database = stage.target.database
    await database["users"].insert_many([{"_id": 1}, {"_id": 2}])
    await database["tweets"].insert_one({"_id": 1})
    with pytest.raises(BackupError, match=r"is not empty; it has tweets \(1\), users \(2\)\."):
        await stage.restore()
    assert {name: len(rows) for name, rows in (await rows_of(stage.target)).items()} == {"tweets": 1, "users": 2}
    assert await stage.redis.get("cached") == b"before"
    await stage.empty()
    await stage.restored_pictures.put("1/secret/LARGE.webp", b"other")
    with pytest.raises(BackupError, match=r"other files of the same names, 1 of them: 1/secret/LARGE\.webp"):
        await stage.restore()
    assert await database.list_collection_names() == []


async def test_a_restoration_that_was_cut_short_is_begun_anew_and_no_other_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.back_up()
    with monkeypatch.context() as patch:
        patch.setattr(restore_module, "restore_pictures", None)
        with pytest.raises(TypeError):
            await stage.restore()
    chain = read_manifest(stage.folder).chain
    assert (await stage.target.database[BACKUPS].find_one({"_id": "restoring"}) or {})["chain"] == chain
    mark = {"_id": "restoring"}
    await stage.target.database[BACKUPS].update_one(mark, {"$set": {"chain": "other"}})
    with pytest.raises(BackupError, match=r"is not empty; it has people \(50\)"):
        await stage.restore()
    await stage.target.database[BACKUPS].update_one(mark, {"$set": {"chain": chain}})
    await stage.restore()
    assert await rows_of(stage.target) == await rows_of(stage.source)
    assert BACKUPS not in await stage.target.database.list_collection_names()


async def test_redis_is_emptied_and_an_empty_database_that_was_started_on_is_taken(stage: Stage) -> None:
    await stage.back_up()
    await stage.redis.mset({f"key:{number}": "x" for number in range(3_000)})
    await stage.target.database["derived_fields"].insert_one({"_id": "tweets.terms", "version": 2})
    await stage.target.database["people"].create_index("text", unique=True)
    await stage.restore()
    assert await stage.redis.dbsize() == 0
    assert await stage.restored_pictures.get("1/secret/LARGE.webp") == b"one"


async def test_processes_that_run_are_told_from_dead_ones(stage: Stage) -> None:
    await stage.back_up()
    lease = WorkerIdLease(stage.redis)
    await lease.acquire()

    async def renew() -> None:
        while True:
            await asyncio.sleep(0.2)
            await lease.renew()

    renewing = asyncio.create_task(renew())
    with pytest.raises(BackupError, match="1 processes of Rookery run on these stores"):
        await stage.restore()
    assert await is_untouched(stage)
    renewing.cancel()
    await asyncio.gather(renewing, return_exceptions=True)
    await stage.redis.pexpire(job_keys.worker_lease(lease.ids.worker), 41_000)  # nobody renews it
    await stage.restore()


async def test_a_clock_behind_the_backup_is_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.back_up()

    class Behind:
        @staticmethod
        def now(_: object) -> Any:
            return utc_now().replace(year=2020)

    monkeypatch.setattr(restore_module, "datetime", Behind)
    with pytest.raises(BackupError, match="the clock of this machine is at 2020"):
        await stage.restore()
    assert await is_untouched(stage)


async def test_a_later_format_tells_its_number_though_all_else_changed(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(msgspec.json.encode({"manifest": {"format": 9}, "sha256": ""}))
    with pytest.raises(BackupError, match="has format 9"):
        read_manifest(tmp_path)
