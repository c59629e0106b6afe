"""The example of the package's page and the bot, run as they stand there."""

import asyncio
import os
import re
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.people import PASSWORD, Person, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "clients" / "python"
BOT = ROOT / "examples" / "bot" / "bot.py"
WITHIN = 20.0
NO_NETWORK = ("Failed to fetch", "error sending request", "dns error")
REPLIES = "query($id: ID!) { tweet(id: $id) { replies { edges { node { text author { handle } } } } } }"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the package was installed."""
    target = tmp_path_factory.mktemp("package")
    uv = str(Path(sys.executable).with_name("uv"))
    command = [uv, "pip", "install", "--python", sys.executable, "--target", str(target), "--no-deps", str(PACKAGE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode and any(reason in done.stderr for reason in NO_NETWORK):
        pytest.skip("Skipped, for the registry is not reached: the installed package")
    assert done.returncode == 0, done.stderr
    return target


async def test_the_five_lines_follow_a_timeline(shared_service: Service, package: Path, tmp_path: Path) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post("before")
    await shared_service.settle()
    (text,) = re.findall(r"^```python\n(.*?)^```$", (PACKAGE / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    for written, meant in (
        ("http://127.0.0.1:8000", shared_service.url),
        ('"demo", "rookery-demo"', f'"{alice.handle}", "{PASSWORD}"'),
        (".text)", ".text, flush=True)"),
    ):
        assert written in text
        text = text.replace(written, meant)
    (tmp_path / "five.py").write_text(text)
    async with running(package, tmp_path, "five.py") as output:
        assert await line_of(output) == "before"
        await alice.post("live")
        assert await line_of(output) == "live"


async def test_the_bot_answers_each_mention_once_whenever_it_runs(
    shared_service: Service, package: Path, tmp_path: Path
) -> None:
    bot, bob = [await sign_up(shared_service, name) for name in ("bot", "bob")]
    file = tmp_path / "cursor"
    arguments = (str(BOT), f"{shared_service.url}/graphql", bot.token, str(file))
    async with running(package, tmp_path, *arguments):
        await eventually(file.exists, WITHIN)
        first = await bob.post(f"@{bot.handle} how many?")
        assert await eventually(lambda: replies_to(bob, first), WITHIN) == [(f"@{bob.handle} 3 words!", bot.handle)]
    before = file.read_text()
    second = await bob.post(f"@{bot.handle} while you were away")
    async with running(package, tmp_path, *arguments):
        await eventually(lambda: replies_to(bob, second), WITHIN)
        await eventually(lambda: file.read_text() != before, WITHIN)
    # As after a crash between an answer and its cursor.
    file.write_text(before)
    async with running(package, tmp_path, *arguments):
        await eventually(lambda: file.read_text() != before, WITHIN)
    assert [len(await replies_to(bob, tweet)) for tweet in (first, second)] == [1, 1]


async def replies_to(person: Person, tweet_id: str) -> list[tuple[str, str]]:
    await person.service.settle()
    tweet: dict[str, Any] = (await person.ask(REPLIES, id=tweet_id))["tweet"]
    nodes = [edge["node"] for edge in tweet["replies"]["edges"]]
    return [(node["text"], node["author"]["handle"]) for node in nodes]


@asynccontextmanager
async def running(package: Path, folder: Path, *arguments: str) -> AsyncIterator[asyncio.StreamReader]:
    """Runs a program with the package, and gives its output; kills it at the end."""
    environment = {**os.environ, "PYTHONPATH": str(package)}
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=folder, env=environment, stdout=PIPE)
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line_of(output: asyncio.StreamReader) -> str:
    async with asyncio.timeout(WITHIN):
        return (await output.readline()).decode().rstrip("\n")
