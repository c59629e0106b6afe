"""The npm package rookery-client, packed by `npm pack` and installed into a folder of its own."""

import asyncio
import json
import shutil
import subprocess
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.clients import packages
from tools.npm import NoPackagesError, alone, installed

HERE = Path(__file__).parent
SOURCE = HERE.parents[2] / "clients" / "typescript"
BUILD_SECONDS = 120
ANSWER_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Packed:
    """`folder` has the installed package in its node_modules, and above it the packages of the clients under test.

    `tools` are the packages that the package is made with.
    """

    folder: Path
    tools: Path

    @asynccontextmanager
    async def running(self, script: str, *arguments: str) -> AsyncIterator["Program"]:
        """Runs a script of this folder, and ends it; what it said of errors fails the test."""
        shutil.copy(HERE / script, self.folder)
        command = ("node", script, *arguments)
        process = await asyncio.create_subprocess_exec(*command, cwd=self.folder, stdin=PIPE, stdout=PIPE, stderr=PIPE)
        program = Program(process)
        try:
            yield program
        except BaseException:
            process.kill()
            print((await process.communicate())[1].decode())  # noqa: T201 - pytest shows it with the failure
            raise
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                _, errors = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert (process.returncode, errors.decode()) == (0, "")


@dataclass(slots=True)
class Program:
    """A script that answers each line of JSON with one."""

    process: Process
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, do: str, **more: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        async with self._asking, asyncio.timeout(ANSWER_SECONDS):
            self.process.stdin.write(json.dumps({"do": do, **more}).encode() + b"\n")
            line = await self.process.stdout.readline()
        assert line, "the script ended"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["value"]


def packed(scratch: Path, shared: Path) -> Packed:
    """Installed into `scratch`, packed in `shared` once. Skips where Node.js or the packages can't be had."""
    try:
        tools, clients = installed(SOURCE), installed(packages.HERE)
    except NoPackagesError as missing:
        pytest.skip(f"Skipped, for {missing}: what the npm package does")
    (scratch / "node_modules").symlink_to(clients / "node_modules")
    folder = scratch / "app"
    folder.mkdir()
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    archive = str(_archive(shared, tools))
    _npm(folder, "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", archive)
    (folder / "tools.txt").write_text(str(tools / "node_modules"))
    return Packed(folder, tools / "node_modules")


def _archive(shared: Path, tools: Path) -> Path:
    """The package as `npm pack` makes it, by the first process that asks."""
    shared.mkdir(exist_ok=True)
    with alone(shared / "lock"):
        if not (found := list(shared.glob("rookery-client-*.tgz"))):
            project = shared / "project"
            shutil.copytree(SOURCE, project, ignore=shutil.ignore_patterns("node_modules", "dist"))
            (project / "node_modules").symlink_to(tools / "node_modules")
            _npm(project, "pack", "--pack-destination", str(shared))
            found = list(shared.glob("rookery-client-*.tgz"))
    (archive,) = found
    return archive


def _npm(folder: Path, *words: str) -> None:
    command = ["npm", *words]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, stdin=DEVNULL, timeout=BUILD_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
