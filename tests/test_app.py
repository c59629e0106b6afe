"""Production: the start waits for the stores, and names the missing one; nothing of development is served."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

import app
from app import Rookery
from core.network.store_addresses import no_answer
from datastore.embedded.stores import free_port
from resolvers.demo import demo
from tests.support.service import running_service, settings_for
from tests.support.stores import OwnStore
from tests.support.waiting import eventually
from transport.server.uvicorn_protocols import StartError

ROOT = Path(__file__).parents[1]
AWAY = "127.0.0.1:1"
AWAY_MONGO, AWAY_REDIS = f"mongodb://{AWAY}/rookery", f"redis://{AWAY}"
START_SECONDS = 30.0
ORIGINS = ("https://example.org",)


def in_prod(mongo_url: str, redis_url: str) -> Rookery:
    return Rookery(settings_for(mongo_url, redis_url, env="prod", allowed_origins=ORIGINS))


async def test_a_store_that_does_not_answer_ends_the_start_and_is_named(
    mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "STORES_SECONDS", 0.1)
    port = free_port()
    rookery = in_prod(mongo_url, f"redis://127.0.0.1:{port}")
    with pytest.raises(StartError, match=f"^ROOKERY_REDIS_URL: no answer from 127.0.0.1:{port}$"):
        async with rookery._lifespan(Starlette()):  # noqa: SLF001 - what the server calls
            pytest.fail("it serves without Redis")


async def test_a_store_that_comes_late_is_waited_for(
    mongo_url: str, own_valkey: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    valkey: OwnStore = await own_valkey()
    await valkey.kill()
    started: list[bool] = []

    async def start() -> None:
        async with in_prod(mongo_url, valkey.url)._lifespan(Starlette()):  # noqa: SLF001
            started.append(True)

    starting = asyncio.create_task(start())
    line = f'"event":"{no_answer("REDIS_URL", valkey.url)}"'
    await eventually(lambda: line in capfd.readouterr().err)
    await valkey.restart()
    await starting
    assert started == [True]


async def test_api_in_prod_whose_stores_are_away_prints_a_line_and_no_traceback() -> None:
    settings = {"ROOKERY_MONGO_URL": AWAY_MONGO, "ROOKERY_REDIS_URL": AWAY_REDIS, "ROOKERY_SECRET_KEY": "x" * 32}
    program = "import app; app.STORES_SECONDS = 0.1; import uvicorn; uvicorn.run(app.app, port=0)"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        cwd=ROOT,
        env={**os.environ, **settings, "ROOKERY_ENV": "prod"},
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(START_SECONDS):
        _, errors = await process.communicate()
    said = errors.decode()
    assert "Traceback" not in said
    lines = f"ROOKERY_MONGO_URL: no answer from {AWAY}; ROOKERY_REDIS_URL: no answer from {AWAY}"
    assert f"ERROR:    {lines}\n" in said


async def test_nothing_of_development_is_served(mongo_url: str, redis_url: str) -> None:
    settings = settings_for(mongo_url, redis_url, env="prod", allowed_origins=ORIGINS)
    async with running_service(settings, with_workers=False) as service:
        page, sdl = await service.http.get("/"), await service.http.get("/schema.graphql")
        answer = await service.http.post("/graphql", json={"query": "{ __typename }"})
        introspected = await service.ask("{ __schema { types { name } } }")
        mails = [await service.http.get(path) for path in ("/mail", "/mail.json")]
    assert [sdl.status_code, *[reply.status_code for reply in mails]] == [404, 404, 404]
    assert "errors" in introspected
    assert demo.PASSWORD not in page.text
    for reply in (page, sdl, answer):
        assert reply.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


async def test_development_is_served_over_http_too(mongo_url: str, redis_url: str) -> None:
    async with running_service(settings_for(mongo_url, redis_url, smtp_url=None), with_workers=False) as service:
        page, sdl = await service.http.get("/"), await service.http.get("/schema.graphql")
        mail, mails = await service.http.get("/mail"), await service.http.get("/mail.json")
    assert (page.status_code, sdl.status_code) == (200, 200)
    assert ("No mail yet." in mail.text, mails.json()) == (True, [])
    assert "strict-transport-security" not in page.headers
