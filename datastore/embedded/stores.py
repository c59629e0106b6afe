"""A real MongoDB and a real Valkey for one machine, restarted when they die; a store that a URL names is not started.

They listen on the loopback interface alone, and end with this process, however it ends.
"""

import asyncio
import fcntl
import os
import random
import shutil
import socket
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from datastore.embedded.process import StoreProcess, StoreStartError
from datastore.embedded.programs import EmbeddedStoreError, find_mongod, find_valkey
from datastore.embedded.servers import MongoServer, Server, ValkeyServer
from datastore.embedded.supervisor import GRACE_SECONDS

RELEASE_SECONDS = GRACE_SECONDS + 5
PAUSE_SECONDS = 0.2
PORT_ATTEMPTS = 3
_LOWEST_PORT, _HIGHEST_PORT = 12_000, 32_000
_given_out = deque[int](maxlen=1_000)


class DataInUseError(EmbeddedStoreError):
    """Other stores run on the same folder."""


@dataclass(frozen=True, slots=True)
class StoreUrls:
    mongo: str
    redis: str


@dataclass(frozen=True, slots=True)
class _Home:
    """The data folder of both stores. Their supervisors keep the lock files' descriptors `locks` open."""

    folder: Path
    locks: tuple[int, ...]
    is_ephemeral: bool


@asynccontextmanager
async def embedded_stores(
    data: Path | None,
    *,
    mongo_url: str | None = None,
    redis_url: str | None = None,
    mongo_port: int | None = None,
    redis_port: int | None = None,
    scratch: Path | None = None,
) -> AsyncIterator[StoreUrls]:
    """Starts each store whose URL is not given; a port None is any free one.

    `data` None keeps the files in a temporary folder, made in `scratch`, that is removed at the end. Raises
    EmbeddedStoreError where a program is missing or fails, or the folder is in use.
    """
    if mongo_url and redis_url:
        yield StoreUrls(mongo_url, redis_url)
        return
    async with (
        _home(data, scratch) as home,
        _mongo(home, mongo_url, mongo_port) as mongo,
        _valkey(home, redis_url, redis_port) as redis,
    ):
        yield StoreUrls(mongo, redis)


def remove_data(folder: Path) -> None:
    """Removes the folder; nothing if there is none. Raises DataInUseError while its stores run."""
    if not folder.exists():
        return
    with _lock_file(folder / "owner.lock") as owner, _lock_file(folder / "stores.lock") as stores:
        if not (_try_lock(owner) and _try_lock(stores)):
            raise DataInUseError(f"{folder} is in use: end what runs the stores in it first.")
        shutil.rmtree(folder)


@asynccontextmanager
async def _home(data: Path | None, scratch: Path | None) -> AsyncIterator[_Home]:
    if data is None:
        with tempfile.TemporaryDirectory(prefix="rookery-", dir=scratch, ignore_cleanup_errors=True) as name:
            yield _Home(Path(name), locks=(), is_ephemeral=True)
        return
    folder = _created(data)
    with _lock_file(folder / "owner.lock") as owner, _lock_file(folder / "stores.lock") as stores:
        await _acquire(folder, owner=owner, stores=stores)
        yield _Home(folder, locks=(stores,), is_ephemeral=False)


def _created(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


@contextmanager
def _lock_file(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


async def _acquire(folder: Path, *, owner: int, stores: int) -> None:
    """Takes two locks: a running owner is an error at once, stores of a killed owner get a moment to end."""
    if not _try_lock(owner):
        raise DataInUseError(f"{folder} is in use by other stores: end what runs them, or choose another folder.")
    deadline = asyncio.get_running_loop().time() + RELEASE_SECONDS
    while not _try_lock(stores):
        if asyncio.get_running_loop().time() > deadline:
            raise DataInUseError(f"{folder} is in use by stores that do not end though the process that ran them has.")
        await asyncio.sleep(PAUSE_SECONDS)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@asynccontextmanager
async def _mongo(home: _Home, url: str | None, port: int | None) -> AsyncIterator[str]:
    if url:
        yield url
        return
    make = partial(MongoServer, find_mongod(), home.folder / "mongo")
    async with _running(home, make, port) as server:
        yield server.url


@asynccontextmanager
async def _valkey(home: _Home, url: str | None, port: int | None) -> AsyncIterator[str]:
    if url:
        yield url
        return
    make = partial(ValkeyServer, find_valkey(), home.folder / "valkey")
    async with _running(home, make, port) as server:
        yield server.url


@asynccontextmanager
async def _running(home: _Home, make: Callable[[int], Server], port: int | None) -> AsyncIterator[Server]:
    process = await _start(home, make, port)
    keeping = asyncio.create_task(process.keep_alive())
    try:
        yield process.server
    finally:
        await process.stop()
        await keeping


async def _start(home: _Home, make: Callable[[int], Server], port: int | None) -> StoreProcess:
    """Tries another port where a foreign process took the free one meanwhile."""
    attempts = 1 if port else PORT_ATTEMPTS
    while True:
        process = StoreProcess(make(port or free_port()), is_ephemeral=home.is_ephemeral, inherited=home.locks)
        process.log_file.unlink(missing_ok=True)
        try:
            await process.start()
            return process
        except StoreStartError:
            attempts -= 1
            if not attempts or not _is_taken(process.server.port):
                raise


def free_port(wanted: int = 0) -> int:
    """A free loopback port, or the wanted one. Raises OSError where the wanted one is taken.

    Free ports lie below the ephemeral range, which the system assigns to outgoing connections at any moment, and are
    not given out twice in a row, since an earlier caller may not listen yet.
    """
    if wanted:
        return _bound(wanted)
    while True:
        port = random.randrange(_LOWEST_PORT, _HIGHEST_PORT)  # noqa: S311 - it is no secret
        if port in _given_out:
            continue
        with suppress(OSError):
            _given_out.append(_bound(port))
            return port


def _bound(port: int) -> int:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        return port


def _is_taken(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
