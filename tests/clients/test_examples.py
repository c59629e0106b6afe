"""The examples of docs/clients do what they say, against the real service."""

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clients.packages import NodePackages
from tests.support.people import PASSWORD, Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "clients"
LINE_SECONDS = 20


@pytest.mark.parametrize("name", ["apollo", "urql", "relay"])
async def test_example_with_react_reads_follows_and_likes(
    node: NodePackages, shared_service: Service, name: str
) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post("hello from before")
    await shared_service.settle()
    stories = await node.run("examples.mjs", f"{shared_service.url}/graphql", name, str(EXAMPLES / name), alice.token)
    assert [story.detail for story in stories if not story.passed] == []
    assert len(stories) == 1


async def test_example_in_plain_python_reads_and_follows(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post("hello from before")
    await shared_service.settle()
    async with running(alice, sys.executable, str(EXAMPLES / "python" / "home.py")) as output:
        assert await line_with(output, "hello from before") == f"@{alice.handle}: hello from before"
        await alice.post("hello from now")
        assert await line_with(output, "hello from now") == f"@{alice.handle}: hello from now"


async def test_example_in_plain_python_outlives_its_access_token(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post("hello from before")
    await shared_service.settle()
    monkeypatch.setattr("core.auth.tokens.ACCESS_LIFETIME", timedelta(seconds=2))
    async with running(alice, sys.executable, str(EXAMPLES / "python" / "home.py")) as output:
        assert await line_with(output, "hello from before")
        for number in range(3):
            await asyncio.sleep(2.5)  # the token runs out meanwhile
            await alice.post(f"hello {number}")
            assert await line_with(output, f"hello {number}") == f"@{alice.handle}: hello {number}"


@pytest.mark.skipif(shutil.which("curl") is None, reason="Skipped, for curl is not there: its example")
async def test_example_with_curl_tweets_reads_and_follows(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    async with running(alice, "sh", str(EXAMPLES / "curl" / "home.sh"), "hello from curl") as output:
        assert '"tweet":{"id":"' in await line_with(output, "postTweet")
        assert '"headCursor":"' in await line_with(output, "homeTimeline")
        await alice.post("hello from now")
        assert '"TimelineItemAdded"' in await line_with(output, "hello from now")


@asynccontextmanager
async def running(person: Person, *command: str) -> AsyncIterator[asyncio.StreamReader]:
    """Runs a program and gives its output; kills it at the end."""
    settings = {"ROOKERY_URL": person.service.url, "ROOKERY_LOGIN": person.handle, "ROOKERY_PASSWORD": PASSWORD}
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, env={**os.environ, **settings})
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def line_with(output: asyncio.StreamReader, text: str) -> str:
    async with asyncio.timeout(LINE_SECONDS):
        while line := await output.readline():
            if text in line.decode():
                return line.decode().rstrip("\n")
    raise AssertionError(f"it ended without {text!r}")
