"""Migrations in two phases, and which processes start on which form of the database."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog
from redis.asyncio import Redis

from core.ids import first_id_of, wall_ms
from datastore.__main__ import main
from datastore.admin.migrations import steps
from datastore.admin.migrations.migrate import MigrationError, finish_form, prepare_form, status
from datastore.admin.migrations.steps import STEPS, MigrationStep
from datastore.jobs.worker_ids import WorkerIdLease
from datastore.mongo import form
from datastore.mongo.client import Mongo, open_mongo
from datastore.mongo.form import DATABASE_FORM, UnfitFormError, ensure_fit, note_form, on_fit_form, read_form
from datastore.redis.client import open_redis
from tests.datastore.admin.importer.imports import command
from tests.support.waiting import eventually


@pytest.fixture
async def mongo(mongo_url: str) -> AsyncIterator[Mongo]:
    async with open_mongo(mongo_url) as mongo:
        yield mongo


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with open_redis(redis_url) as redis:
        yield redis


class Programs:
    """Two steps that note each run of theirs; `fails` names those that fail once."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.fails: set[str] = set()
        self.steps = (
            MigrationStep(2, "a first one", self._program("2 prepare"), self._program("2 finish")),
            MigrationStep(3, "a second one", self._program("3 prepare"), None),
        )

    def _program(self, name: str) -> steps.Program:
        async def run(_: Mongo) -> None:
            self.runs.append(name)
            if name in self.fails:
                self.fails.remove(name)
                raise RuntimeError(name)

        return run


@pytest.fixture
def programs() -> Programs:
    return Programs()


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch, programs: Programs) -> Any:
    """Called with a form: this process has the code of that form then."""

    def has(number: int) -> None:
        monkeypatch.setattr(form, "FORM", number)
        monkeypatch.setattr(steps, "STEPS", programs.steps[: number - 1])

    return has


def test_steps_are_numbered_in_order_up_to_the_form_of_the_code() -> None:
    assert [step.number for step in STEPS] == list(range(2, form.FORM + 1))
    assert all(step.prepare or step.finish for step in STEPS)


async def test_old_and_new_code_run_between_the_phases_and_each_alone_outside(
    mongo: Mongo, redis: Redis, code: Any, programs: Programs
) -> None:
    await mongo.collection("users").insert_one({"_id": 1, "handle": "alice", "name": "Alice"})
    said = list[str]()
    await ensure_fit(mongo)
    code(3)
    assert "run `python -m datastore migrate`, then replace all processes" in await status(mongo)
    with pytest.raises(UnfitFormError, match=r"has form 1, and this version needs form 3\. Run"):
        await ensure_fit(mongo)
    with pytest.raises(MigrationError, match="migrate` first"):
        await finish_form(mongo, redis, said.append)

    programs.fails.add("3 prepare")
    with pytest.raises(RuntimeError):
        await prepare_form(mongo, said.append)
    assert await read_form(mongo) == (2, 1)
    await prepare_form(mongo, said.append)
    assert programs.runs == ["2 prepare", "3 prepare", "3 prepare"]
    assert "once all processes are of this version run `python -m datastore migrate --finish`" in await status(mongo)
    for number in (1, 2, 3):
        code(number)
        await ensure_fit(mongo)

    code(1)
    async with renewed_lease(redis):
        code(3)
        with pytest.raises(MigrationError, match="1 processes of an older version run"):
            await finish_form(mongo, redis, said.append)
        assert await read_form(mongo) == (3, 1)
    async with renewed_lease(redis):
        await finish_form(mongo, redis, said.append)
    await finish_form(mongo, redis, said.append)
    await prepare_form(mongo, said.append)
    assert programs.runs[3:] == ["2 finish"]
    assert said[-1] == "step 2, finished: a first one"
    assert await read_form(mongo) == (3, 3)
    assert "there is nothing to do" in await status(mongo)
    await ensure_fit(mongo)
    for number in (1, 2):
        code(number)
        with pytest.raises(UnfitFormError, match=rf"to form 3, and this version knows forms up to {number}\."):
            await ensure_fit(mongo)
        for act in (prepare_form(mongo, said.append), finish_form(mongo, redis, said.append), status(mongo)):
            with pytest.raises(MigrationError, match="newer than"):
                await act


@asynccontextmanager
async def renewed_lease(redis: Redis) -> AsyncIterator[None]:
    """A process of the form that the code has when this begins."""
    lease = WorkerIdLease(redis)
    await lease.acquire()

    async def renew() -> None:
        while True:
            await asyncio.sleep(0.1)
            await lease.renew()

    renewing = asyncio.create_task(renew())
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        await lease.release()


async def test_finishing_computes_fields_of_what_the_version_before_wrote_between_the_phases(
    mongo: Mongo, redis: Redis
) -> None:
    users = mongo.collection("users")
    await users.insert_one({"_id": 1, "handle": "alice", "name": "Alice"})
    await prepare_form(mongo, len)
    later = first_id_of(wall_ms())
    await users.insert_one({"_id": later, "handle": "bob", "handle_key": "bob", "email_key": "bob", "name": "Bob"})

    await finish_form(mongo, redis, len)

    assert "bob" in (await users.find_one({"_id": later}) or {})["names"]


async def test_a_database_without_people_has_the_form_of_the_code_that_meets_it_first(mongo: Mongo, code: Any) -> None:
    assert await read_form(mongo) == (1, 1)
    assert DATABASE_FORM not in await mongo.database.list_collection_names()
    code(3)
    await ensure_fit(mongo)
    code(2)
    with pytest.raises(UnfitFormError, match="to form 3"):
        await ensure_fit(mongo)


async def test_a_process_ends_once_the_database_does_not_suit_it_any_more(
    mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "LOOK_SECONDS", 0.05)
    is_over = asyncio.Event()
    async with on_fit_form(mongo, is_over.set):
        await asyncio.sleep(0)
        assert not is_over.is_set()
        await note_form(mongo, prepared=2, finished=2)
        await eventually(is_over.is_set)


async def test_api_and_workers_do_not_start_on_a_form_that_they_do_not_know(mongo_url: str, redis_url: str) -> None:
    async with open_mongo(mongo_url) as mongo:
        await note_form(mongo, prepared=99, finished=99)
    for room, words in (("workers", ()), ("uvicorn", ("app:app", "--port", "0")), ("datastore", ("rebuild",))):
        async with command(mongo_url, redis_url, *words, room=room) as process:
            _, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode
        assert "migrated to form 99, and this version knows forms up to 1. Start a newer" in errors.decode()
        assert "Traceback" not in errors.decode()


@pytest.fixture
def prod(mongo_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ROOKERY_MONGO_URL", mongo_url)
    monkeypatch.setenv("ROOKERY_REDIS_URL", redis_url)
    yield
    structlog.reset_defaults()


def test_the_command_says_what_it_did_and_what_comes_next(
    prod: None, code: Any, mongo_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_insert_a_person(mongo_url))
    code(3)
    assert [main(words) for words in (["migrate"], ["migrate", "--finish"], ["migrate", "--status"])] == [0, 0, 0]
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["step 2, prepared: a first one", "step 3, prepared: a second one"]
    assert lines[2].startswith("The database is prepared for form 3 and finished for form 1; once all processes")
    assert lines[3] == "step 2, finished: a first one"
    assert [line.endswith("there is nothing to do.") for line in lines[4:]] == [True, True]
    code(1)
    assert main(["migrate"]) == 2
    assert "newer than the 1 of this version. Nothing was changed." in capsys.readouterr().err


async def _insert_a_person(mongo_url: str) -> None:
    async with open_mongo(mongo_url) as mongo:
        await mongo.collection("users").insert_one({"_id": 1, "handle": "alice", "name": "Alice"})
