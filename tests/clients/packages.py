"""Node.js and the pinned npm packages of the clients under test."""

import asyncio
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.npm import NoPackagesError, installed

HERE = Path(__file__).parent
RUN_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Story:
    """One result that a script printed."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class NodePackages:
    folder: Path

    async def run(self, script: str, url: str, *more: str) -> list[Story]:
        """The lines that the script, a path from here, prints until it ends by itself."""
        shutil.copy(HERE / script, self.folder)
        process = await asyncio.create_subprocess_exec(
            "node",
            Path(script).name,
            url,
            *more,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(RUN_SECONDS):
                output, errors = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, errors.decode()
        return [Story(**json.loads(line)) for line in output.splitlines()]


def node_packages(scratch: Path) -> NodePackages:
    """A private folder from which Node.js finds the packages; skips where they can't be installed."""
    try:
        packages = installed(HERE)
    except NoPackagesError as missing:
        pytest.skip(f"Skipped, for {missing}: what real clients do with the API")
    (scratch / "package.json").write_text('{"type": "module"}')
    (scratch / "node_modules").symlink_to(packages / "node_modules")
    return NodePackages(scratch)


def installed_file(path: str, source: Path = HERE) -> Path:
    """A file of a package of the lock in `source`; skips where the packages can't be installed."""
    try:
        return installed(source) / "node_modules" / path
    except NoPackagesError as missing:
        pytest.skip(f"Skipped, for {missing}: what needs {path}")
