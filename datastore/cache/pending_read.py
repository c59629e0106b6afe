"""Reads of several caches at once: one round trip to Redis, then all loads from MongoDB together."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from datastore.cache.local import LocalCache
from datastore.cache.row_codec import NO_ROW
from datastore.redis.client import REDIS_FAILURES
from datastore.redis.node.commands import Command, raise_first
from datastore.redis.node.pipeline import CommandPipeline, PendingReplies
from datastore.redis.node.tracking import TrackingConnection, unconfirmed

Id = TypeVar("Id", bound=int)
Row = TypeVar("Row")
_INVALIDATIONS_PER_READ = 1_000


class ReadCache(Protocol[Id, Row]):
    """The part of a RowCache that a read needs."""

    pipeline: CommandPipeline
    key: Callable[[Id], str]
    local: LocalCache[Id, Row]
    pending_invalidations: set[Id]
    distrusted: frozenset[int]

    @property
    def decode(self) -> Callable[[bytes], Row | None]: ...

    async def load(self, ids: Sequence[Id], fillable: Sequence[Id]) -> Mapping[Id, Row]: ...

    def invalidation_commands(self, ids: Iterable[Id]) -> list[Command]: ...


class _RedisRead(NamedTuple, Generic[Id]):
    """`repeated`: ids whose pending invalidations are sent before the rows are read."""

    ids: Sequence[Id]
    values: PendingReplies
    repeated: Sequence[Id]
    invalidation: PendingReplies | None


class PendingRead(Generic[Id, Row]):
    """Rows being read: from the local cache and Redis in one round trip, then from MongoDB what neither of them has.

    Once it is resolved, `found` holds the existing rows by id.
    """

    def __init__(self, cache: ReadCache[Id, Row], ids: Sequence[Id], since: float) -> None:
        # Annotated literals: calling `list[Id]` costs more than a look-up.
        self.missing: list[Id] = []
        self._fillable: list[Id] = []
        self._cache, self._ids = cache, ids
        pending, distrusted = cache.pending_invalidations, cache.distrusted
        is_doubtful = bool(pending or distrusted)
        trusted = [id_ for id_ in ids if id_ not in pending and id_ not in distrusted] if is_doubtful else ids
        local = cache.local.get(trusted)
        self.found: dict[Id, Row] = {}
        connections: set[TrackingConnection | None] = set()
        for id_, entry in local.items():  # one pass, for most reads are of one row
            self.found[id_] = entry.row
            connections.add(entry.tracking.connection)
        absent = [id_ for id_ in dict.fromkeys(ids) if id_ not in local] if len(local) < len(ids) else []
        self._redis_read = self._read_redis(absent) if absent else None
        self._barriers = [connection.read_barrier() for connection in unconfirmed(connections, since)]
        self._unconfirmed = {id_: entry.tracking for id_, entry in local.items()} if self._barriers else {}

    @property
    def is_local(self) -> bool:
        """Whether this process had all rows, so that at most a read barrier is left to wait for."""
        return self._redis_read is None

    @property
    def is_resolved(self) -> bool:
        """Whether nothing is left to wait for: this process had all rows, and knows them to be new enough."""
        return self._redis_read is None and not self._barriers

    async def collect(self) -> None:
        """Waits for Redis. Then `missing` holds the ids to be loaded from MongoDB."""
        if self._redis_read is not None:
            await self._collect_from(self._redis_read)
        for barrier in self._barriers:
            await barrier
        if changed := [id_ for id_, tracking in self._unconfirmed.items() if not tracking.is_current]:
            for id_ in changed:
                del self.found[id_]
            await self._collect_from(self._read_redis(changed))

    async def load(self) -> None:
        self.found.update(await self._cache.load(self.missing, self._fillable))

    def rows(self) -> list[Row | None]:
        """In the order of the ids, None for a missing row."""
        found = self.found
        return [found.get(id_) for id_ in self._ids]

    def _read_redis(self, ids: Sequence[Id]) -> _RedisRead[Id]:
        """Pending invalidations go first, so that the values come after them."""
        cache = self._cache
        repeated = list(islice(cache.pending_invalidations, _INVALIDATIONS_PER_READ))
        invalidation = cache.pipeline.submit(cache.invalidation_commands(repeated)) if repeated else None
        return _RedisRead(ids, cache.pipeline.fetch(list(map(cache.key, ids))), repeated, invalidation)

    async def _collect_from(self, read: _RedisRead[Id]) -> None:
        cache, found = self._cache, self.found
        try:
            raws = await read.values
            if read.invalidation is not None:
                raise_first(await read.invalidation)
        except REDIS_FAILURES:
            self.missing += read.ids
            return
        pending, distrusted = cache.pending_invalidations, cache.distrusted
        for id_, raw, tracking in zip(read.ids, raws, read.values.trackings, strict=True):
            is_doubtful = id_ in pending or id_ in distrusted
            row = None if raw is None or is_doubtful else cache.decode(raw)
            if row is not None:
                found[id_] = row
                cache.local.put(id_, row, tracking, len(raw))
            else:
                self.missing.append(id_)
                if (raw is None or raw.startswith(NO_ROW)) and not is_doubtful:
                    self._fillable.append(id_)
        pending.difference_update(read.repeated)


async def resolve_reads(*reads: PendingRead[Any, Any]) -> None:
    """Completes reads that were begun together: one round trip to Redis, then all loads from MongoDB at once."""
    for read in reads:
        if not read.is_resolved:
            await read.collect()
    incomplete = [read for read in reads if read.missing]
    if len(incomplete) == 1:
        await incomplete[0].load()
    elif incomplete:
        await asyncio.gather(*[read.load() for read in incomplete])
