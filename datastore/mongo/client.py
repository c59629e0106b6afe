"""The one seam to MongoDB: opens PyMongo's asyncio client or Motor, and hides where the two differ.

Failure policy: MongoDB fails the request. Everything that means "away" leaves this room as UnavailableError within 5 s.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
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
from core.runtime.metrics import MONGODB_FAILURES, MONGODB_SECONDS
from core.runtime.tracing import past_span
from core.settings import MongoDriver
from datastore.mongo.server_monitor import Presence

Document: TypeAlias = dict[str, Any]
Filter: TypeAlias = Mapping[str, Any]
T = TypeVar("T")

_DEFAULT_DATABASE = "rookery"
_TIMEOUT_MS = 4_000
_PING_SECONDS = 1.0
_CLOSE_SECONDS = 1.0
CONNECTIONS = 50
"""Of one process, and so what it asks MongoDB at once at most."""
_MOTOR_THREADS = 2 * CONNECTIONS
_AWAY = (AutoReconnect, ConnectionFailure, NetworkTimeout, ExecutionTimeout, WTimeoutError)
_TRANSIENT = "TransientTransactionError"
_LONGEST_PAUSE_SECONDS = 0.05
_LEAST_SECONDS = 0.1
DUPLICATE_KEY = 11000
# While an index is made there is no snapshot of its collection, for a moment: SnapshotUnavailable, SnapshotTooOld.
_NO_SNAPSHOT = (246, 239)
_SNAPSHOTS = 20
_SNAPSHOT_PAUSE_SECONDS = 0.05


class _PlainInteger(TypeDecoder):
    """BSON's 64-bit integers as int, which is what every encoder knows."""

    bson_type = Int64

    def transform_bson(self, value: int) -> int:
        return int(value)


_CODEC: CodecOptions[Document] = CodecOptions(type_registry=TypeRegistry([_PlainInteger()]), tz_aware=True)


class _Watch(CommandListener):
    """Measures commands, for metrics and traces."""

    def started(self, event: CommandStartedEvent) -> None:
        pass

    def succeeded(self, event: CommandSucceededEvent) -> None:
        seconds = event.duration_micros / 1e6
        MONGODB_SECONDS.labels(event.command_name).observe(seconds)
        past_span(f"mongodb {event.command_name}", seconds)

    def failed(self, event: CommandFailedEvent) -> None:
        MONGODB_FAILURES.labels(event.command_name).inc()


class Mongo:
    """A database of an open client. `collection(name)` has what both drivers share: find, insert_one, ..."""

    def __init__(self, client: Any, database: str, driver: MongoDriver) -> None:
        self._client = client
        self._driver = driver
        self._locks, self._presence = KeyedLock(), Presence(client)
        self.name = database
        self.database = client.get_database(database, codec_options=_CODEC)

    @property
    def admin(self) -> Any:
        """The database of commands about servers."""
        return self._client.admin

    def collection(self, name: str) -> Any:
        return self.database[name]

    def lagging_collection(self, name: str) -> Any:
        """As a secondary has it, some moments behind: for what nobody compares with an act of their own."""
        return self.database.get_collection(name, read_preference=ReadPreference.SECONDARY_PREFERRED)

    async def aggregate(self, collection: str, pipeline: Sequence[Filter], **options: Any) -> list[Document]:
        found = self.database[collection].aggregate(pipeline, **options)
        cursor = await found if self._driver is MongoDriver.PYMONGO else found
        return [document async for document in cursor]

    async def ids(self, collection: str, query: Filter, *, order: int, most: int, hint: str) -> list[int]:
        """Of at most so many documents in this order of ids, in one document: a cursor makes one of each."""
        chosen: list[Filter] = [{"$match": query}, {"$sort": {"_id": order}}, {"$limit": most}]
        found = await self.aggregate(
            collection, [*chosen, {"$group": {"_id": None, "ids": {"$push": "$_id"}}}], hint=hint
        )
        ids: list[int] = found[0]["ids"] if found else []
        return ids

    async def aggregate_snapshot(self, collection: str, pipeline: Sequence[Filter]) -> list[Document]:
        """All collections that the pipeline reads as they were at one moment."""
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
        """Runs `act(session)` in a transaction, again where MongoDB asks for it: it must be safe to repeat.

        `changing` are ids of the documents in it that many may want to change at once.
        Raises UnavailableError where that does not come to an end in time, and the transaction may have happened then;
        also where another process made the same id: what stores learn from DuplicateKeyError is never about that.
        """
        deadline = time.monotonic() + _TIMEOUT_MS / 1000
        try:
            async with self._presence.needed(), self._locks.hold(changing, _TIMEOUT_MS / 1000):
                with pymongo.timeout(max(deadline - time.monotonic(), _LEAST_SECONDS)):
                    return await self._repeat(act, deadline)
        except TimeoutError as error:
            raise UnavailableError("The database") from error
        except DuplicateKeyError as error:
            if is_of_id(error):
                raise UnavailableError("The database") from error
            raise

    async def _repeat(self, act: Callable[[Any], Awaitable[T]], deadline: float) -> T:
        """The drivers' own with_transaction goes on for two minutes."""
        started = self._client.start_session()
        async with started if self._driver is MongoDriver.PYMONGO else await started as session:
            while True:
                try:
                    return await self._once(session, act)
                except PyMongoError as error:
                    if not error.has_error_label(_TRANSIENT) or time.monotonic() > deadline:
                        raise
                await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))  # noqa: S311 - no secret

    async def _once(self, session: Any, act: Callable[[Any], Awaitable[T]]) -> T:
        started = session.start_transaction()
        async with await started if self._driver is MongoDriver.PYMONGO else started:
            return await act(session)

    async def refuse_if_gone(self) -> None:
        """Raises UnavailableError where no server at all answers, and none comes back at once."""
        await self._presence.refuse_if_gone()

    async def ping(self) -> None:
        with away_as_unavailable(), pymongo.timeout(_PING_SECONDS):
            await self.database.command("ping")

    async def drop(self) -> None:
        await self._client.drop_database(self.name)


@asynccontextmanager
async def open_mongo(url: str, driver: MongoDriver = MongoDriver.PYMONGO) -> AsyncIterator[Mongo]:
    """Opens lazily: a store that is away shows at the first call. The database's name stands in the URL."""
    options: dict[str, Any] = {
        "w": "majority",
        "retryWrites": True,
        "timeoutMS": _TIMEOUT_MS,
        "appname": "rookery",
        "maxPoolSize": CONNECTIONS,
        "event_listeners": [_Watch()],
    }
    is_motor = driver is MongoDriver.MOTOR
    client: Any = _motor_client(url, options) if is_motor else AsyncMongoClient[Document](url, **options)
    try:
        yield Mongo(client, database_name(url), driver)
    finally:
        with pymongo.timeout(_CLOSE_SECONDS):  # by itself it looks for its server for half a minute
            closing = client.close()
            if closing is not None:
                await closing


def _motor_client(url: str, options: Mapping[str, Any]) -> Any:
    """Motor holds a thread for each call under way, ten by itself: too few where calls wait for a database away."""
    os.environ.setdefault("MOTOR_MAX_WORKERS", str(_MOTOR_THREADS))
    from motor.motor_asyncio import AsyncIOMotorClient  # noqa: PLC0415 - reads the environment as it is imported

    return AsyncIOMotorClient(url, **options)


def is_of_id(error: DuplicateKeyError) -> bool:
    """Whether a snowflake was there already, rather than the same act."""
    values: Document = (error.details or {}).get("keyValue") or {}
    return isinstance(values.get("_id"), int)


def database_name(url: str) -> str:
    return urlsplit(url).path.lstrip("/") or _DEFAULT_DATABASE


@contextmanager
def away_as_unavailable(session: Any = None) -> Any:
    """Turns what the drivers raise when MongoDB is away into UnavailableError; lets all else pass.

    Within the transaction of a `session` it lets that pass, too: `in_transaction` knows when to repeat.
    """
    try:
        yield
    except PyMongoError as error:
        if session is not None:
            raise
        if isinstance(error, _AWAY) or error.timeout or error.has_error_label(_TRANSIENT):
            raise UnavailableError("The database") from error
        raise
