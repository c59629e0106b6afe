"""Pictures of a backup: copied once, or only referred to; out of a folder or of S3."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from datastore.admin.backup.manifest import BackupError, picture_lines
from datastore.media.storage import MediaStorage
from tests.datastore.admin.backup.stage import Stage, staged
from tests.support.processes.rclone import KEY, SECRET, running_s3
from tests.support.stores import Stores


@pytest.fixture
async def stage(stores: Stores, redis_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(stores, redis_url, tmp_path) as stage:
        yield stage


async def content(storage: MediaStorage) -> dict[str, bytes | None]:
    return {file.key: await storage.get(file.key) async for file in storage.files()}


async def test_each_run_copies_what_is_new_and_restores_what_was_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        await stage.pictures.put(f"{number}/secret/LARGE.webp", b"%d" % number * 100)
    await stage.back_up()
    await stage.pictures.delete("3/secret/LARGE.webp")
    await stage.pictures.put("incoming/77", b"upload")
    read, get = [], MediaStorage.get

    async def noted(storage: MediaStorage, key: str) -> bytes | None:
        read.append(key)
        return await get(storage, key)

    with monkeypatch.context() as patch:
        patch.setattr(MediaStorage, "get", noted)
        manifest = await stage.back_up()
    assert read == ["incoming/77"]
    assert manifest.runs[-1].pictures.count == 20
    assert "3/secret/LARGE.webp" not in {line.key for line in picture_lines(stage.folder, manifest.runs[-1].pictures)}
    await stage.restore()
    assert await content(stage.restored_pictures) == await content(stage.pictures)


async def test_files_that_survived_are_kept_with_those_that_the_backup_does_not_know(stage: Stage) -> None:
    await stage.pictures.put("1/secret/LARGE.webp", b"one")
    await stage.back_up()
    await stage.restored_pictures.put("1/secret/LARGE.webp", b"one")
    await stage.restored_pictures.put("2/later/LARGE.webp", b"two")
    await stage.restore()
    assert sorted(await content(stage.restored_pictures)) == ["1/secret/LARGE.webp", "2/later/LARGE.webp"]


async def test_pictures_that_are_only_referred_to_must_be_in_the_storage(stage: Stage) -> None:
    await stage.pictures.put("1/secret/LARGE.webp", b"one")
    await stage.back_up(copies=False)
    assert not (stage.folder / "pictures").exists()
    lacking = r"lacks 1 of them: 1/secret/LARGE\.webp\. They were in file:///of/the/test\. Nothing was restored\."
    with pytest.raises(BackupError, match=lacking):
        await stage.restore()
    await stage.restored_pictures.put("1/secret/LARGE.webp", b"one")
    await stage.restore()


async def test_pictures_come_out_of_s3_and_go_back_into_it(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    async with running_s3(folders[0]) as one, running_s3(folders[1]) as other:
        stage = replace(stage, pictures=MediaStorage(one), restored_pictures=MediaStorage(other))
        for number in range(12):
            await stage.pictures.put(f"{number}/secret/LARGE.webp", b"%d" % number * 100)
        await stage.back_up()
        await stage.restore()
        assert await content(stage.restored_pictures) == await content(stage.pictures)
