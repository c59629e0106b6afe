"""`python app.py`: it serves, prints its addresses and the demo login, and leaves no process behind however it ends."""

import asyncio
import os
import re
import secrets
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from datastore.embedded.stores import free_port
from tests.support.service import NO_AUTHORITIES
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.lengthy,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for what is left in /proc"),
]

ROOT = Path(__file__).parents[1]
MARK = "ROOKERY_LAUNCHED_BY"
START_SECONDS = 90.0
END_SECONDS = 60.0
LAST_LINE = "Ctrl-C stops all of it."
LOGIN = """mutation($login: String!, $password: String!) { login(input: {login: $login, password: $password}) {
  tokens { accessToken } viewer { user { id handle } } userErrors { code } } }"""
HOME = "{ homeTimeline { state edges { reason node { ... on Tweet { text author { handle } } } } } }"
POST = """mutation { postTweet(input: {text: "hello from a test"}) { tweet { id } userErrors { code } } }"""


@dataclass(slots=True)
class Launched:
    """A running `python app.py` and its output up to the start of service."""

    process: Process
    mark: str
    lines: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        (address,) = [line.split()[-1] for line in self.lines if line.startswith("web page")]
        return address

    async def read_to(self, last: str) -> None:
        assert self.process.stdout is not None
        while not self.lines or self.lines[-1] != last:
            line = await self.process.stdout.readline()
            assert line, "\n".join(["It ended by itself:", *self.lines])
            self.lines.append(line.decode().rstrip("\n"))

    async def end(self, number: signal.Signals) -> int:
        """Waits until no child process is left, and returns the exit status."""
        self.process.send_signal(number)
        async with asyncio.timeout(END_SECONDS):
            assert self.process.stdout is not None
            await self.process.stdout.read()
            status = await self.process.wait()
        await eventually(lambda: not self.left(), within=END_SECONDS)
        return status

    def left(self) -> list[str]:
        """Commands of all its descendants that still run."""
        return [command for pid in _pids() if f"{MARK}={self.mark}" in _environment(pid) and (command := _command(pid))]

    async def sign_in(self, client: httpx.AsyncClient) -> str:
        """An access token of the demo account, by the login that was printed."""
        (line,) = [line for line in self.lines if line.startswith("demo sign in:")]
        found = re.fullmatch(r"demo sign in: handle (\w+), password (\S+)", line)
        assert found is not None
        variables = {"login": found[1], "password": found[2]}
        answer = await client.post("/graphql", json={"query": LOGIN, "variables": variables})
        payload = answer.json()["data"]["login"]
        assert payload["userErrors"] == []
        assert payload["viewer"]["user"]["handle"] == found[1]
        return str(payload["tokens"]["accessToken"])


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _environment(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_text(errors="replace")
    except OSError:  # ended, or of another user
        return ""


def _command(pid: int) -> str:
    """Empty for a zombie process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""


@asynccontextmanager
async def launched(*arguments: str) -> AsyncIterator[Launched]:
    """Serving; killed at the end if the test has not ended it."""
    mark = secrets.token_hex(8)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ROOKERY_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "app.py", "--ephemeral", *arguments),
        cwd=ROOT,
        env={**environment, MARK: mark},
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=True,
    )
    launch = Launched(process, mark)
    try:
        async with asyncio.timeout(START_SECONDS):
            await launch.read_to(LAST_LINE)
        yield launch
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def asked(client: httpx.AsyncClient, token: str, document: str) -> dict[str, object]:
    headers = {"authorization": f"Bearer {token}"}
    answer = (await client.post("/graphql", json={"query": document}, headers=headers)).json()
    assert "errors" not in answer, answer
    (result,) = answer["data"].values()
    found: dict[str, object] = result
    return found


async def home_texts(client: httpx.AsyncClient, token: str) -> list[str]:
    """Texts of the tweets of a home timeline in state READY, without retweets and advertisements."""
    page = await asked(client, token, HOME)
    assert page["state"] == "READY"
    edges = page["edges"]
    assert isinstance(edges, list)
    return [edge["node"]["text"] for edge in edges if "text" in edge["node"]]


async def test_one_command_serves_everything_and_ends_without_a_trace() -> None:
    port = free_port()
    async with launched("--port", str(port)) as launch:
        address = f"http://127.0.0.1:{port}"
        assert launch.lines[-6:-2] == [
            f"web page      {address}",
            f"GraphiQL      {address}/graphql (in a browser)",
            f"API           {address}/graphql",
            f"mail          {address}/mail (nothing leaves this machine)",
        ]
        async with httpx.AsyncClient(base_url=address, timeout=20, verify=NO_AUTHORITIES) as client:
            for path, kind in (("/", "text/html"), ("/graphql", "text/html"), ("/schema.graphql", "text/plain")):
                answer = await client.get(path, headers={"accept": "text/html,*/*;q=0.1"})
                assert (path, answer.status_code, answer.headers["content-type"].split(";")[0]) == (path, 200, kind)
            assert (await client.get("/readyz")).json() == {"stores": {"mongo": "ok", "redis": "ok"}}
            token = await launch.sign_in(client)
            texts = await eventually(lambda: home_texts(client, token), within=20.0)
            assert len(texts) > 5
            await asked(client, token, POST)

            async def is_delivered() -> bool:
                now = await home_texts(client, token)
                return now[0] == "hello from a test" and now[1:] == texts[: len(now) - 1]

            await eventually(is_delivered)
        assert len(launch.left()) > 5
        assert await launch.end(signal.SIGTERM) == 0
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_two_at_once_do_not_meet_and_each_ends_alone() -> None:
    async with AsyncExitStack() as both:
        starts = [both.enter_async_context(launched()) for _ in range(2)]
        first, second = await asyncio.gather(*starts)
        assert first.address != second.address
        async with (
            httpx.AsyncClient(base_url=first.address, timeout=20, verify=NO_AUTHORITIES) as one,
            httpx.AsyncClient(base_url=second.address, timeout=20, verify=NO_AUTHORITIES) as other,
        ):
            token, others_token = await first.sign_in(one), await second.sign_in(other)
            assert await asked(one, token, POST)
            viewer = await other.post(
                "/graphql", json={"query": "{ viewer { email } }"}, headers={"authorization": f"Bearer {token}"}
            )
            assert viewer.json() == {"data": {"viewer": None}}

            assert await first.end(signal.SIGINT) == 0
            texts = await eventually(lambda: home_texts(other, others_token), within=20.0)
            assert "hello from a test" not in texts
        assert await second.end(signal.SIGKILL) == -signal.SIGKILL


async def test_signal_while_starting_ends_the_start_and_leaves_nothing() -> None:
    mark = secrets.token_hex(8)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "app.py", "--ephemeral", "--port", str(free_port())),
        cwd=ROOT,
        env={**os.environ, MARK: mark},
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=True,
    )
    launch = Launched(process, mark)
    async with asyncio.timeout(START_SECONDS):
        await launch.read_to("Starting MongoDB and Valkey ...")
        assert await launch.end(signal.SIGINT) == 0


async def test_worker_that_is_none_is_told_which_there_are() -> None:
    status, said = await said_by("-m", "workers", "nosuch", "fanout")
    assert status == 2
    assert said.endswith(
        "no such worker: nosuch; there are fanout, accounts, notifications, timelines, media, moderation, counters, "
        "mail, push, trends, sweep\n"
    )


async def test_worker_without_stores_says_what_it_needs() -> None:
    status, said = await said_by("-m", "workers", "fanout")
    assert status == 1
    assert said.startswith("Set ROOKERY_MONGO_URL and ROOKERY_REDIS_URL;")


async def test_command_whose_stores_are_away_names_setting_host_and_port() -> None:
    away = {"ROOKERY_MONGO_URL": "mongodb://me:s3cret@127.0.0.1:1/rookery", "ROOKERY_REDIS_URL": "redis://127.0.0.1:1"}
    status, said = await said_by("app.py", "--ephemeral", "--port", str(free_port()), **away)
    assert status == 1
    assert said.splitlines()[-1] == "ROOKERY_MONGO_URL: no answer from 127.0.0.1:1"
    assert "Traceback" not in said


async def said_by(*arguments: str, **settings: str) -> tuple[int | None, str]:
    """Exit status and output of a program that ends by itself, run without other ROOKERY_ settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ROOKERY_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, env={**environment, **settings}, stdout=PIPE, stderr=STDOUT
    )
    async with asyncio.timeout(END_SECONDS):
        output, _ = await process.communicate()
    return process.returncode, output.decode()
