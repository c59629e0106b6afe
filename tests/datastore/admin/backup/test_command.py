"""The commands `backup` and `restore`: what they print, their exit status, and their effects."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from pymongo import MongoClient
from redis import Redis

from datastore.__main__ import main
from tests.datastore.admin.importer.imports import Ended, run
from tests.support.stores import Stores


class Shell:
    """Runs commands in this process as `python -m datastore` does."""

    def __init__(self, stores: Stores, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.redis = Redis.from_url(stores.redis_url)
        self._capture, self._patch = capture, patch

    def use(self, mongo_url: str, media: Path) -> None:
        self._patch.setenv("ROOKERY_MONGO_URL", mongo_url)
        self._patch.setenv("ROOKERY_MEDIA_URL", media.as_uri())

    def run(self, *words: str) -> Ended:
        """The exit status of the process, 1 for SystemExit with a text."""
        self._capture.readouterr()
        try:
            return Ended(main(words), *self._capture.readouterr())
        except SystemExit as ended:
            output, errors = self._capture.readouterr()
            return Ended(1, output, f"{errors}{ended.code}\n")


@pytest.fixture
def shell(
    stores: Stores, redis_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shell]:
    monkeypatch.setenv("ROOKERY_REDIS_URL", redis_url)
    shell = Shell(stores, capsys, monkeypatch)
    yield shell
    shell.redis.close()
    structlog.reset_defaults()


def rows(mongo_url: str) -> list[dict[str, Any]]:
    with MongoClient[dict[str, Any]](mongo_url) as client:
        return list(client.get_default_database()["tweets"].find({}, {"text": 1}).sort("_id"))


def test_two_runs_are_restored_into_an_empty_database_and_pictures_with_them(
    stores: Stores, shell: Shell, tmp_path: Path
) -> None:
    backup, old, new = tmp_path / "backup", tmp_path / "old", tmp_path / "new"
    (old / "1" / "key").mkdir(parents=True)
    (old / "1" / "key" / "LARGE.webp").write_bytes(b"one")
    with stores.fresh_database() as one, stores.fresh_database() as other:
        shell.use(one, old)
        assert shell.run("indexes").status == 0
        with MongoClient[dict[str, Any]](one) as client:
            tweets = client.get_default_database()["tweets"]
            for number in range(2):
                tweets.insert_one({"_id": number, "author": number, "text": f"tweet {number}"})
                ended = shell.run("backup", str(backup))
                assert (ended.status, f"run {number + 1} in {backup}: " in ended.output) == (0, True), ended
                assert re.search(r"[\d,]+ documents, 1 pictures, as of [\d: -]+ UTC\n$", ended.output)
        assert backup.stat().st_mode & 0o077 == 0
        shell.redis.set("cached", "before")
        refused = shell.run("restore", str(backup))
        assert (refused.status, refused.output) == (2, "")
        assert "is not empty; it has tweets (2)." in refused.errors
        assert shell.redis.get("cached") == b"before"
        shell.use(other, new)
        ended = shell.run("restore", str(backup))
        assert ended.status == 0, ended
        assert re.match(r"restored as of [\d: -]+ UTC; run `python -m datastore media --verify`", ended.output)
        assert rows(other) == rows(one) == [{"_id": number, "text": f"tweet {number}"} for number in range(2)]
        assert (new / "1" / "key" / "LARGE.webp").read_bytes() == b"one"
        assert shell.redis.dbsize() == 0
        assert shell.run("indexes") == Ended(0, "", "")


def test_what_is_wrong_is_told_in_a_line(
    stores: Stores, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = str(tmp_path / "nothing")
    shell.use(stores.mongo_url, tmp_path)
    ended = shell.run("restore", nothing)
    assert (ended.status, ended.output) == (2, "")
    assert ended.errors.endswith(f"{nothing}: there is no such folder.\n")
    monkeypatch.delenv("ROOKERY_REDIS_URL")
    assert shell.run("restore", nothing).errors.startswith("ROOKERY_REDIS_URL is needed here")
    monkeypatch.delenv("ROOKERY_MONGO_URL")
    ended = shell.run("backup", nothing)
    assert (ended.status, ended.errors.count("\n")) == (1, 1)
    assert ended.errors.startswith("ROOKERY_MONGO_URL is needed here")


async def test_a_database_that_is_away_is_named(redis_url: str, tmp_path: Path) -> None:
    """Runs in its own process, because PyMongo leaves sockets open when it is interrupted while connecting."""
    ended = await run("mongodb://127.0.0.1:1/rookery", redis_url, "backup", str(tmp_path / "backup"))
    assert ended == Ended(2, "", "ROOKERY_MONGO_URL: no answer from 127.0.0.1:1\n")
