"""The same storage in a folder and in a real S3 server."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from core.errors import UnavailableError
from core.ids import MediaId
from datastore.media.storage import MediaStorage, incoming
from tests.support.processes.rclone import KEY, SECRET, running_s3
from tests.support.service import NO_AUTHORITIES

FILE = "17/secret/LARGE.webp"


@pytest.fixture(params=["folder", "s3"])
async def storage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[MediaStorage]:
    if request.param == "folder":
        yield MediaStorage((tmp_path / "of pictures").as_uri())
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    async with running_s3(tmp_path) as url:
        yield MediaStorage(url)


async def test_files_are_written_read_listed_and_deleted(storage: MediaStorage) -> None:
    assert await storage.get(FILE) is None
    await storage.put(FILE, b"large")
    await storage.put("17/secret/SMALL.webp", b"small")
    await storage.put("18/secret/SMALL.webp", b"another's")
    await storage.put(incoming(MediaId(17)), b"as it came")
    assert await storage.get(FILE) == b"large"
    await storage.put(FILE, b"written twice")
    assert await storage.get(FILE) == b"written twice"
    found = {(file.key, file.size) async for file in storage.files()}
    assert found == {
        (FILE, 13),
        ("17/secret/SMALL.webp", 5),
        ("18/secret/SMALL.webp", 9),
        ("incoming/17", 10),
    }
    await storage.delete_of(MediaId(17))
    await storage.delete_of(MediaId(17))
    assert [file.key async for file in storage.files()] == ["18/secret/SMALL.webp"]


async def test_address_is_signed_by_s3_alone(storage: MediaStorage, request: pytest.FixtureRequest) -> None:
    await storage.put(FILE, b"large")
    address = await storage.signed_address(FILE, 10)
    if "folder" in request.node.name:
        assert address is None
        return
    assert address is not None
    async with httpx.AsyncClient(verify=NO_AUTHORITIES) as client:
        assert (await client.get(address)).content == b"large"
        assert (await client.get(address.partition("?")[0])).status_code == 400  # as rclone refuses it


async def test_storage_that_is_away_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "no folder").write_text("")
    for url in ((tmp_path / "no folder").as_uri(), "s3://pictures?endpoint=http://127.0.0.1:9"):
        with pytest.raises(UnavailableError):
            await MediaStorage(url).put(FILE, b"x")
