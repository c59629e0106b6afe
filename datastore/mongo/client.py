"""MongoDB client over PyMongo's asyncio API or Motor; the differences between the two end here.

Failure policy: MongoDB fails the request. Every error that means "not reachable" becomes UnavailableError within 5 s.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

import pymongo
from bson import Int64
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from pymongo import AsyncMongoClient, ReadPreference
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from core.errors import UnavailableError
from core.keyed_locks import KeyedLock
from core.runtime.metrics import MONGODB_FAILURES, MONGODB_SECONDS, Histogram
from core.runtime.tracing import past_span
from core.settings import MongoDriver
from datastore.mongo.batch_turns import BatchTurns
from datastore.mongo.server_monitor import ServerMonitor
from datastore.mongo.transactions import TRANSIENT, run_transaction

Document: TypeAlias = dict[str, Any]
Filter: TypeAlias = Mapping[str, Any]
T = TypeVar("T")

_DEFAULT_DATABASE = "rookery"
_TIMEOUT_MS = 4_000
_PING_SECONDS = 1.0
_CLOSE_SECONDS = 1.0
CONNECTIONS = 50
"""Connection pool size of one process, and so the most commands that it runs at once."""
_MOTOR_THREADS = 2 * CONNECTIONS
_AWAY = (AutoReconnect, ConnectionFailure, NetworkTimeout, ExecutionTimeout, WTimeoutError)
DUPLICATE_KEY = 11000
# SnapshotUnavailable, SnapshotTooOld: while an index is built, its collection has no snapshot for a moment.
_NO_SNAPSHOT = (246, 239)
_SNAPSHOTS = 20
_SNAPSHOT_PAUSE_SECONDS = 0.05


class _PlainInteger(TypeDecoder):
    """Decodes BSON's 64-bit integers as int, which every encoder knows; msgspec refuses Int64."""

    bson_type = Int64
    # A method written in Python would cost more than all else that decodes a number.
    transform_bson = staticmethod(int)  # type: ignore[assignment]


_CODEC: CodecOptions[Document] = CodecOptions(type_registry=TypeRegistry([_PlainInteger()]), tz_aware=True)


class _CommandTimings(CommandListener):
    """Records the duration of commands in metrics and traces."""

    def started(self, event: CommandStartedEvent) -> None:
        pass

    def succeeded(self, event: CommandSucceededEvent) -> None:
        seconds = event.duration_micros / 1e6
        _command_seconds(event.command_name).observe(seconds)
        past_span(f"mongodb {event.command_name}", seconds)

    def failed(self, event: CommandFailedEvent) -> None:
        MONGODB_FAILURES.labels(event.command_name).inc()


@cache
def _command_seconds(command: str) -> Histogram:
    """Cached: looking a label up takes as long as counting, and there are few."""
    return MONGODB_SECONDS.labels(command)


class Mongo:
    """One database of an open client. `collection(name)` offers what both drivers share: find, insert_one, ..."""

    def __init__(self, client: Any, database: str, driver: MongoDriver) -> None:
        self._client = client
        self._driver = driver
        self._locks, self._monitor = KeyedLock[int](), ServerMonitor(client)
        self.batch_turns = BatchTurns()
        self.name = database
        self.database = client.get_database(database, codec_options=_CODEC)

    @property
    def admin(self) -> Any:
        """The `admin` database, where commands about servers run."""
        return self._client.admin

    def collection(self, name: str) -> Any:
        return self.database[name]

    def lagging_collection(self, name: str) -> Any:
        """Reads from a secondary, which may lag: only for data that nobody compares with their own writes."""
        return self.database.get_collection(name, read_preference=ReadPreference.SECONDARY_PREFERRED)

    async def aggregate(self, collection: str, pipeline: Sequence[Filter], **options: Any) -> list[Document]:
        found = self.database[collection].aggregate(pipeline, **options)
        cursor = await found if self._driver is MongoDriver.PYMONGO else found
        return [document async for document in cursor]

    async def ids(self, collection: str, query: Filter, *, order: int, most: int, hint: str) -> list[int]:
        """Ids of at most `most` documents in `order`, read as one document: a cursor would return one for each id."""
        chosen: list[Filter] = [{"$match": query}, {"$sort": {"_id": order}}, {"$limit": most}]
        found = await self.aggregate(
            collection, [*chosen, {"$group": {"_id": None, "ids": {"$push": "$_id"}}}], hint=hint
        )
        ids: list[int] = found[0]["ids"] if found else []
        return ids

    async def aggregate_snapshot(self, collection: str, pipeline: Sequence[Filter]) -> list[Document]:
        """Reads all collections of the pipeline at one point in time."""
        for _ in range(_SNAPSHOTS):
            started = self._client.start_session(snapshot=True)
            async with started if self._driver is MongoDriver.PYMONGO else await started as session:
                try:
                    return await self.aggregate(collection, pipeline, session=session)
                except OperationFailure as error:
                    if error.code not in _NO_SNAPSHOT:
                        raise
            await asyncio.sleep(_SNAPSHOT_PAUSE_SECONDS)
        raise UnavailableError("The database")

    async def in_transaction(self, act: Callable[[Any], Awaitable[T]], *, changing: Collection[int] = ()) -> T:
        """Runs `act(session)` in a transaction and retries it when MongoDB asks for it: `act` must be safe to repeat.

        `changing`: ids of contended documents in the transaction; acts of this process on them run one at a time.
        Raises UnavailableError on timeout, when the transaction may have been committed all the same, and when another
        process has used the same snowflake: a DuplicateKeyError that reaches a store is never about `_id`.
        """
        deadline = time.monotonic() + _TIMEOUT_MS / 1000
        try:
            async with self._monitor.required(), self._locks.hold(changing, _TIMEOUT_MS / 1000):
                return await run_transaction(self._client, self._driver, act, deadline)
        except TimeoutError as error:
            raise UnavailableError("The database") from error
        except DuplicateKeyError as error:
            if is_of_id(error):
                raise UnavailableError("The database") from error
            raise

    async def ensure_reachable(self) -> None:
        """Raises UnavailableError if no server answers and none comes back at once."""
        await self._monitor.ensure_reachable()

    async def ping(self) -> None:
        with away_as_unavailable(), pymongo.timeout(_PING_SECONDS):
            await self.database.command("ping")

    async def drop(self) -> None:
        await self._client.drop_database(self.name)


@asynccontextmanager
async def open_mongo(url: str, driver: MongoDriver = MongoDriver.PYMONGO) -> AsyncIterator[Mongo]:
    """Connects lazily: an unreachable server shows at the first call. The URL names the database."""
    options: dict[str, Any] = {
        "w": "majority",
        "retryWrites": True,
        "timeoutMS": _TIMEOUT_MS,
        "appname": "rookery",
        "maxPoolSize": CONNECTIONS,
        "event_listeners": [_CommandTimings()],
    }
    is_motor = driver is MongoDriver.MOTOR
    client: Any = _motor_client(url, options) if is_motor else AsyncMongoClient[Document](url, **options)
    try:
        yield Mongo(client, database_name(url), driver)
    finally:
        with pymongo.timeout(_CLOSE_SECONDS):  # otherwise it searches for its server for half a minute
            closing = client.close()
            if closing is not None:
                await closing


def _motor_client(url: str, options: Mapping[str, Any]) -> Any:
    """Motor uses a thread for each running call. Its default of ten is too few while calls wait for a lost server."""
    os.environ.setdefault("MOTOR_MAX_WORKERS", str(_MOTOR_THREADS))
    from motor.motor_asyncio import AsyncIOMotorClient  # noqa: PLC0415 - the import reads the environment

    return AsyncIOMotorClient(url, **options)


def is_of_id(error: DuplicateKeyError) -> bool:
    """Whether the duplicate is the snowflake in `_id`, rather than the key of the act."""
    values: Document = (error.details or {}).get("keyValue") or {}
    return isinstance(values.get("_id"), int)


def database_name(url: str) -> str:
    return urlsplit(url).path.lstrip("/") or _DEFAULT_DATABASE


@contextmanager
def away_as_unavailable(session: Any = None) -> Any:
    """Turns driver errors that mean "not reachable" into UnavailableError; all others pass.

    With a `session`, every error passes: `in_transaction` decides about retries.
    """
    try:
        yield
    except PyMongoError as error:
        if session is not None:
            raise
        if isinstance(error, _AWAY) or error.timeout or error.has_error_label(TRANSIENT):
            raise UnavailableError("The database") from error
        raise
