"""The one seam to MongoDB: opens PyMongo's asyncio client or Motor, and hides where the two differ.

Failure policy: MongoDB fails the request. Everything that means "away" leaves this room as UnavailableError within 5 s.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

import pymongo
from bson import Int64
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    PyMongoError,
    WTimeoutError,
)

from core.errors import UnavailableError
from core.settings import MongoDriver

Document: TypeAlias = dict[str, Any]
Filter: TypeAlias = Mapping[str, Any]
T = TypeVar("T")

_DEFAULT_DATABASE = "rookery"
_TIMEOUT_MS = 4_000
_PING_SECONDS = 1.0
_AWAY = (AutoReconnect, ConnectionFailure, NetworkTimeout, ExecutionTimeout, WTimeoutError)
DUPLICATE_KEY = 11000


class _PlainInteger(TypeDecoder):
    """BSON's 64-bit integers as int, which is what every encoder knows."""

    bson_type = Int64

    def transform_bson(self, value: int) -> int:
        return int(value)


_CODEC: CodecOptions[Document] = CodecOptions(type_registry=TypeRegistry([_PlainInteger()]), tz_aware=True)


class Mongo:
    """A database of an open client. `collection(name)` has what both drivers share: find, insert_one, ..."""

    def __init__(self, client: Any, database: str, driver: MongoDriver) -> None:
        self._client = client
        self._driver = driver
        self.name = database
        self.database = client.get_database(database, codec_options=_CODEC)

    def collection(self, name: str) -> Any:
        return self.database[name]

    async def aggregate(self, collection: str, pipeline: Sequence[Filter], **options: Any) -> list[Document]:
        found = self.database[collection].aggregate(pipeline, **options)
        cursor = await found if self._driver is MongoDriver.PYMONGO else found
        return [document async for document in cursor]

    async def in_transaction(self, act: Callable[[Any], Awaitable[T]]) -> T:
        """Runs `act(session)` in a transaction, again where MongoDB asks for it: it must be safe to repeat.

        Raises UnavailableError where that does not come to an end in time, and the transaction may have happened then;
        also where another process made the same id: what stores learn from DuplicateKeyError is never about that.
        """
        started = self._client.start_session()
        try:
            async with started if self._driver is MongoDriver.PYMONGO else await started as session:
                return await _in_time(session, act)
        except TimeoutError as error:
            raise UnavailableError("The database") from error
        except DuplicateKeyError as error:
            if is_of_id(error):
                raise UnavailableError("The database") from error
            raise

    async def ping(self) -> None:
        with away_as_unavailable(), pymongo.timeout(_PING_SECONDS):
            await self.database.command("ping")

    async def drop(self) -> None:
        await self._client.drop_database(self.name)


@asynccontextmanager
async def open_mongo(url: str, driver: MongoDriver = MongoDriver.PYMONGO) -> AsyncIterator[Mongo]:
    """Opens lazily: a store that is away shows at the first call. The database's name stands in the URL."""
    options: dict[str, Any] = {"w": "majority", "timeoutMS": _TIMEOUT_MS, "appname": "rookery", "maxPoolSize": 50}
    if driver is MongoDriver.MOTOR:
        motor: Any = AsyncIOMotorClient(url, **options)
        try:
            yield Mongo(motor, database_name(url), driver)
        finally:
            motor.close()
        return
    async with AsyncMongoClient[Document](url, **options) as client:
        yield Mongo(client, database_name(url), driver)


def is_of_id(error: DuplicateKeyError) -> bool:
    """Whether a snowflake was there already, rather than the same act."""
    values: Document = (error.details or {}).get("keyValue") or {}
    return isinstance(values.get("_id"), int)


async def _in_time(session: Any, act: Callable[[Any], Awaitable[T]]) -> T:
    """With_transaction tries for two minutes by itself. PyMongo's heeds the first limit, Motor's the second alone."""
    with pymongo.timeout(_TIMEOUT_MS / 1000):
        async with asyncio.timeout(_TIMEOUT_MS / 1000 + 0.1):
            result: T = await session.with_transaction(act)
            return result


def database_name(url: str) -> str:
    return urlsplit(url).path.lstrip("/") or _DEFAULT_DATABASE


@contextmanager
def away_as_unavailable() -> Any:
    """Turns what the drivers raise when MongoDB is away into UnavailableError; lets all else pass."""
    try:
        yield
    except PyMongoError as error:
        if isinstance(error, _AWAY) or error.timeout:
            raise UnavailableError("The database") from error
        raise
