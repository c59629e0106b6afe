"""Rows of MongoDB kept as bytes in Redis, read through. The cache fails open and outlives a change by seconds at most.

A change writes a short-lived mark over the row. Readers that began before the change can't fill over the mark, so that
what they read from the database too early is never kept. A mark that Redis was away for is made up for.
"""

import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice
from typing import Any, Generic, TypeVar

import msgspec
import structlog
from redis.asyncio import Redis

from datastore.redis import LOST, send_all

Id = TypeVar("Id", bound=int)
Row = TypeVar("Row")

_MARK = b""
_MARK_MS = 3_000
_OWED_AT_MOST = 100_000
_OWED_AT_ONCE = 1_000
_log = structlog.get_logger()


class RowCache(Generic[Id, Row]):
    """`load` reads rows from MongoDB by id, those that exist. `key` names an id's Redis key; `row` is their type."""

    def __init__(
        self,
        redis: Redis,
        row: Any,
        *,
        key: Callable[[Id], str],
        load: Callable[[Sequence[Id]], Awaitable[Mapping[Id, Row]]],
        ttl_seconds: int,
    ) -> None:
        self._redis, self._key, self._load = redis, key, load
        self._ttl_ms = ttl_seconds * 1000
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(row).decode
        self._owed: set[Id] = set()

    async def get_many(self, ids: Sequence[Id]) -> list[Row | None]:
        """In the order asked, None where there is no such row."""
        if not ids:
            return []
        found, missing, fillable = await self._read(list(dict.fromkeys(ids)))
        if missing:
            began = time.monotonic()
            loaded = await self._load(missing)
            found.update(loaded)
            # A mark that was set meanwhile must still stand when the row arrives.
            if time.monotonic() - began < _MARK_MS / 2000:
                await self._fill({id_: loaded[id_] for id_ in fillable if id_ in loaded})
        return [found.get(id_) for id_ in ids]

    async def forget(self, *ids: Id) -> None:
        """Call after the change is in MongoDB. Where Redis is away, it is told with the next look at the cache."""
        try:
            await send_all(self._redis, map(self._marking, ids))
        except LOST as error:
            self._owed.update(islice(ids, max(_OWED_AT_MOST - len(self._owed), 0)))
            _log.warning("cache away, row not marked", error=repr(error))

    async def _read(self, ids: Sequence[Id]) -> tuple[dict[Id, Row], list[Id], list[Id]]:
        """Rows found, ids to load, and those of them whose place is free."""
        paid = list(islice(self._owed, _OWED_AT_ONCE))
        commands = [*map(self._marking, paid), ("MGET", *map(self._key, ids))]
        try:
            *_, rows = await send_all(self._redis, commands)
        except LOST:
            return {}, list(ids), []
        owed = frozenset(self._owed)
        self._owed.difference_update(paid)
        kept = {id_: row for id_, row in zip(ids, rows, strict=True) if row is not None or id_ in owed}
        found = {id_: row for id_ in kept.keys() - owed if (row := self._decoded(kept[id_])) is not None}
        return found, [id_ for id_ in ids if id_ not in found], [id_ for id_ in ids if id_ not in kept]

    def _decoded(self, raw: bytes) -> Row | None:
        """None for a mark, and for what another version of the program left."""
        try:
            row: Row = self._decode(raw)
        except msgspec.MsgspecError:
            return None
        return row

    async def _fill(self, rows: Mapping[Id, Row]) -> None:
        if not rows:
            return
        ttl_ms = self._spread_ttl_ms()
        try:
            await send_all(self._redis, [self._setting(id_, row, ttl_ms) for id_, row in rows.items()])
        except LOST as error:
            _log.warning("cache away, rows not kept", error=repr(error))

    def _marking(self, id_: Id) -> tuple[str | bytes | int, ...]:
        return "SET", self._key(id_), _MARK, "PX", _MARK_MS

    def _setting(self, id_: Id, row: Row, ttl_ms: int) -> tuple[str | bytes | int, ...]:
        return "SET", self._key(id_), self._encode(row), "PX", ttl_ms, "NX"

    def _spread_ttl_ms(self) -> int:
        """Rows filled together run out together, so that a page loads them by one query; those of others do not."""
        return int(self._ttl_ms * random.uniform(0.8, 1.2))  # noqa: S311 - spreading load is no secret
