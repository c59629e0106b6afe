"""Installs pinned npm packages once for each lock file into the user's cache, outside the repository."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COPIED = ("package.json", "package-lock.json", ".npmrc")
INSTALL_SECONDS = 180
NO_NETWORK = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH")


class NoPackagesError(Exception):
    """Packages can't be installed on this machine; the text says why."""


def installed(source: Path) -> Path:
    """Returns the folder that has `node_modules` for the lock file in `source`.

    Raises NoPackagesError without Node.js or a network, RuntimeError where npm fails otherwise.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NoPackagesError("Node.js and npm are not there")
    lock = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rookery"
    target = cache / f"{source.name}-{lock}"
    # The folder is renamed into place when it is complete.
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with alone(cache / f"{target.name}.lock"), tempfile.TemporaryDirectory(dir=cache) as temporary:
            if not target.exists():
                folder = Path(temporary) / "packages"
                _install(source, folder)
                folder.rename(target)
    return target


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """A lock between processes, so that what takes long is not done twice."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(source: Path, folder: Path) -> None:
    folder.mkdir()
    for name in COPIED:
        shutil.copy(source / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    if result.returncode and any(reason in result.stderr for reason in NO_NETWORK):
        raise NoPackagesError("npm reaches no registry")
    if result.returncode:
        raise RuntimeError(result.stderr)
