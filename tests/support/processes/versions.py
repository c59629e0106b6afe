"""Deployments of two versions of the code on the same stores, and clients that know all APIs that serve."""

import asyncio
import itertools
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from core.settings import Settings
from datastore.embedded.stores import free_port
from tests.support.processes.api_processes import environment_of
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
# The field that the migration of the next version adds to tweets.
FIELD = "of_next_version"
START_SECONDS, END_SECONDS = 60.0, 30.0


@dataclass(frozen=True, slots=True)
class Version:
    """Code in a folder; the words run its API, workers and commands after `python`."""

    folder: Path
    api: Sequence[str]
    workers: Sequence[str]
    commands: Sequence[str]


THIS = Version(ROOT, ("-m", "uvicorn", "app:app"), ("-m", "workers"), ("-m", "datastore"))
_NEXT = "tests.support.processes.next_version"
NEXT = Version(ROOT, ("-m", "uvicorn", f"{_NEXT}:app"), ("-m", _NEXT, "workers"), ("-m", _NEXT, "datastore"))


def checked_out(commit: str, folder: Path) -> Version:
    """The code of a commit, written into the folder. Raises CalledProcessError where git does not have it."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    return Version(folder, THIS.api, THIS.workers, THIS.commands)


@dataclass(slots=True)
class Deployment:
    """One API and one worker process of each version that runs, and a client that asks all that serve in turn."""

    settings: Settings
    http: httpx.AsyncClient
    urls: dict[Version, str] = field(default_factory=dict)
    _running: dict[Version, list[Process]] = field(default_factory=dict)
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)

    async def start(self, version: Version) -> None:
        """Returns when its API serves, and clients ask it."""
        port = free_port()
        words = (*version.api, "--port", str(port), "--log-level", "error")
        self._running[version] = [
            await self._process(version, *words),
            await self._process(version, *version.workers),
        ]
        url = f"http://127.0.0.1:{port}"
        await eventually(lambda: self._serves(url), within=START_SECONDS)
        self.urls[version] = url

    async def end(self, version: Version) -> None:
        """As a load balancer does: no new requests first, SIGTERM after that. Returns when both have ended."""
        del self.urls[version]
        for process in self._running.pop(version):
            process.terminate()
            assert await asyncio.wait_for(process.wait(), END_SECONDS) in (0, -15)

    async def run(self, version: Version, *words: str) -> tuple[int, str]:
        """The exit status of a command of the version, and all that it printed."""
        process = await self._process(version, *version.commands, *words, output=PIPE)
        printed, _ = await asyncio.wait_for(process.communicate(), START_SECONDS)
        return process.returncode or 0, printed.decode()

    async def ask(self, document: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """The answer of any API that serves; a request is sent once."""
        urls = list(self.urls.values())
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        body = {"query": document, "variables": variables}
        answer = await self.http.post(f"{urls[next(self._turn) % len(urls)]}/graphql", json=body, headers=headers)
        result: dict[str, Any] = answer.json()
        return result

    async def kill_all(self) -> None:
        for process in [process for running in self._running.values() for process in running]:
            process.kill()
            await process.wait()

    async def _serves(self, url: str) -> bool:
        try:
            return (await self.http.get(f"{url}/readyz")).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    async def _process(self, version: Version, *words: str, output: int = DEVNULL) -> Process:
        environment = environment_of(self.settings) | {"PYTHONPATH": str(version.folder)}
        errors = DEVNULL if output == DEVNULL else asyncio.subprocess.STDOUT
        return await asyncio.create_subprocess_exec(
            sys.executable, *words, cwd=version.folder, env=environment, stdout=output, stderr=errors
        )
