"""A real MongoDB and a real Valkey, started here where no URL names one, and started again when one of them dies.

They listen on the loopback alone, and end with this process, however it ends.
"""

import asyncio
import fcntl
import hashlib
import os
import random
import socket
import sys
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
_LOWEST_PORT, _HIGHEST_PORT, _TO_BUS = 12_000, 32_000, 10_000
_given = deque[int](maxlen=1_000)


class DataInUseError(EmbeddedStoreError):
    """Other stores run on the same folder."""


@dataclass(frozen=True, slots=True)
class StoreUrls:
    mongo: str
    redis: str


@dataclass(frozen=True, slots=True)
class _Home:
    """Where the stores keep their files; the wardens hold the file descriptors `held` open."""

    folder: Path
    held: tuple[int, ...]
    is_ephemeral: bool


def default_data_folder() -> Path:
    """In the user's data directory, one for each checkout, so that two of them don't share their people."""
    checkout = Path(__file__).resolve().parents[2]
    name = f"{checkout.name}-{hashlib.sha256(str(checkout).encode()).hexdigest()[:8]}"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "rookery" / name
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "rookery" / name


@asynccontextmanager
async def embedded_stores(
    data: Path | None,
    *,
    mongo_url: str | None = None,
    redis_url: str | None = None,
    mongo_port: int | None = None,
    redis_port: int | None = None,
) -> AsyncIterator[StoreUrls]:
    """Starts none where its URL is given. `data` None keeps the files until the end only; a port None is any free one.

    Raises EmbeddedStoreError: a program is missing or fails, or the folder is in use.
    """
    if mongo_url and redis_url:
        yield StoreUrls(mongo_url, redis_url)
        return
    async with (
        _home(data) as home,
        _mongo(home, mongo_url, mongo_port) as mongo,
        _valkey(home, redis_url, redis_port) as redis,
    ):
        yield StoreUrls(mongo, redis)


@asynccontextmanager
async def _home(data: Path | None) -> AsyncIterator[_Home]:
    if data is None:
        with tempfile.TemporaryDirectory(prefix="rookery-", ignore_cleanup_errors=True) as name:
            yield _Home(Path(name), held=(), is_ephemeral=True)
        return
    folder = _made(data)
    with _lock_file(folder / "owner.lock") as owner, _lock_file(folder / "stores.lock") as stores:
        await _acquire(folder, owner=owner, stores=stores)
        yield _Home(folder, held=(stores,), is_ephemeral=False)


def _made(folder: Path) -> Path:
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
    """Two locks: after an owner was killed its stores need a moment to end, and only that is worth waiting for."""
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
    """A port that was free a moment ago may be somebody else's by now; then another one is tried."""
    attempts = 1 if port else PORT_ATTEMPTS
    while True:
        process = StoreProcess(make(port or free_port()), is_ephemeral=home.is_ephemeral, held=home.held)
        process.log_file.unlink(missing_ok=True)
        try:
            await process.start()
            return process
        except StoreStartError:
            attempts -= 1
            if not attempts or not _is_taken(process.server.port):
                raise


def free_port(wanted: int = 0) -> int:
    """A loopback port that nobody listens on just now. Raises OSError where the one wanted is taken.

    Where none is wanted, it lies below those that the system gives to connections that go out, at any moment.
    """
    if wanted:
        return _bound(wanted)
    return _given_out(0)


def free_node_port() -> int:
    """One for a node of a cluster, whose bus listens ten thousand above it."""
    return _given_out(_TO_BUS)


def _given_out(bus: int) -> int:
    """None twice in a row: who asked before may not listen yet."""
    while True:
        port = random.randrange(_LOWEST_PORT, _HIGHEST_PORT - bus)  # noqa: S311 - it is no secret
        if port in _given or port + bus in _given:
            continue
        with suppress(OSError):
            _given.extend({_bound(port), _bound(port + bus)})
            return port


def _bound(port: int) -> int:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        return port


def _is_taken(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
