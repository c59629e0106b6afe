"""The examples of docs/clients do what they say, against the real service."""

import asyncio
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.clients.examples.short_tokens import shorten_tokens
from tests.clients.packages import NodePackages
from tests.support.people import PASSWORD, Person, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "clients"
LINE_SECONDS = 20
LOGIN = """mutation($login: String!, $password: String!) {
  login(input: {login: $login, password: $password}) { tokens { accessToken } } }"""


@pytest.mark.parametrize("name", ["apollo", "urql", "relay"])
async def test_example_with_react_reads_follows_and_likes(
    node: NodePackages, shared_service: Service, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post("hello from before")
    await shared_service.settle()
    shorten_tokens(monkeypatch)
    arguments = (name, str(EXAMPLES), alice.handle, PASSWORD)
    stories = await node.run("examples/examples.mjs", f"{shared_service.url}/graphql", *arguments)
    assert [story.detail for story in stories if not story.passed] == []
    assert len(stories) == 1


async def test_session_of_the_examples_renews_its_token(
    node: NodePackages, shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await sign_up(shared_service, "alice")
    shorten_tokens(monkeypatch)
    shutil.copy(EXAMPLES / "session.js", node.folder)
    stories = await node.run("examples/session.mjs", f"{shared_service.url}/graphql", alice.handle, PASSWORD)
    assert [story.detail for story in stories if not story.passed] == []
    assert len(stories) == 6


async def test_example_in_plain_python_reads_and_follows_longer_than_its_token_lasts(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post("hello from before")
    await shared_service.settle()
    shorten_tokens(monkeypatch)
    async with running(alice, sys.executable, str(EXAMPLES / "python" / "home.py")) as output:
        assert await line_with(output, "hello from before") == f"@{alice.handle}: hello from before"
        for number in range(2):
            await token_issued_from_now_on_ran_out(alice)
            await alice.post(f"hello {number}")
            assert await line_with(output, f"hello {number}") == f"@{alice.handle}: hello {number}"


@pytest.mark.skipif(shutil.which("curl") is None, reason="Skipped, for curl is not there: its example")
async def test_example_with_curl_tweets_reads_and_follows_longer_than_its_token_lasts(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await sign_up(shared_service, "alice")
    shorten_tokens(monkeypatch)
    async with running(alice, "sh", str(EXAMPLES / "curl" / "home.sh"), 'hello "curl" \\o/') as output:
        assert r'"text":"hello \"curl\" \\o/"' in await line_with(output, "postTweet")
        assert '"headCursor":"' in await line_with(output, "homeTimeline")
        for number in range(2):
            await token_issued_from_now_on_ran_out(alice)
            await alice.post(f"hello {number}")
            assert '"TimelineItemAdded"' in await line_with(output, f"hello {number}")


async def token_issued_from_now_on_ran_out(person: Person) -> None:
    """Waits until an access token that was issued before this call is refused."""
    login = await person.service.ask(LOGIN, {"login": person.handle, "password": PASSWORD})
    token = login["data"]["login"]["tokens"]["accessToken"]
    await eventually(lambda: is_refused(person.service, token))


async def is_refused(service: Service, token: str) -> bool:
    return (await service.ask("{ viewer { user { id } } }", token=token))["data"]["viewer"] is None


@asynccontextmanager
async def running(person: Person, *command: str) -> AsyncIterator[asyncio.StreamReader]:
    """Runs a program and gives its output; kills it at the end."""
    settings = {"ROOKERY_URL": person.service.url, "ROOKERY_LOGIN": person.handle, "ROOKERY_PASSWORD": PASSWORD}
    process = await asyncio.create_subprocess_exec(
        *command, stdout=PIPE, env={**os.environ, **settings}, start_new_session=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)
        await process.wait()


async def line_with(output: asyncio.StreamReader, text: str) -> str:
    async with asyncio.timeout(LINE_SECONDS):
        while line := await output.readline():
            if text in line.decode():
                return line.decode().rstrip("\n")
    raise AssertionError(f"it ended without {text!r}")
