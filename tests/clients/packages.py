"""Node.js and the pinned npm packages, installed once for each lock file into the user's cache."""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
COPIED = ("package.json", "package-lock.json", ".npmrc")
INSTALL_SECONDS = 180
RUN_SECONDS = 60
NO_NETWORK = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH")


@dataclass(frozen=True, slots=True)
class Story:
    """What a script says of one thing that it tried."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class NodePackages:
    folder: Path

    async def run(self, script: str, url: str, *more: str) -> list[Story]:
        """Each line that the script prints, of which it must end by itself."""
        shutil.copy(HERE / script, self.folder)
        process = await asyncio.create_subprocess_exec(
            "node", script, url, *more, cwd=self.folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
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
    """A folder of the test's own that finds the packages; skips where they can't be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Skipped, for Node.js and npm are not there: what real clients do with the API")
    (scratch / "package.json").write_text('{"type": "module"}')
    (scratch / "node_modules").symlink_to(_installed() / "node_modules")
    return NodePackages(scratch)


def _installed() -> Path:
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rookery"
    installed = cache / f"clients-{lock}"
    if not installed.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as temporary:
            folder = Path(temporary) / "clients"
            _install(folder)
            # Another run may have been faster; a folder that is there was complete when it came.
            if not installed.exists():
                folder.rename(installed)
    return installed


def _install(folder: Path) -> None:
    folder.mkdir()
    for name in COPIED:
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    if result.returncode and any(reason in result.stderr for reason in NO_NETWORK):
        pytest.skip("Skipped, for npm reaches no registry: what real clients do with the API")
    assert result.returncode == 0, result.stderr
