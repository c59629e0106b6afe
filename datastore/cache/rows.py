"""Read-through cache of MongoDB rows as bytes in Redis. It fails open, and is stale for seconds at most.

A change writes a short-lived tombstone over the row. A reader that began before the change can't fill over it, so a row
that was read from the database too early is never kept. Invalidations that fail are repeated with the next reads.
Rows with a short TTL may leave a stale copy, which serves while MongoDB is away.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Generic, NamedTuple, TypeVar, cast

import structlog
from redis.exceptions import ResponseError

from core.errors import UnavailableError
from core.ids import wall_ms
from datastore.cache.batcher import Batcher
from datastore.cache.local import LONGEST_SECONDS, Entry, LocalCache
from datastore.cache.row_codec import NO_ROW, RowChange, RowCodec
from datastore.redis import keys
from datastore.redis.client import REDIS_FAILURES
from datastore.redis.node.commands import Command, raise_first
from datastore.redis.node.pipeline import CommandPipeline, PendingReplies
from datastore.redis.node.tracking import read_barriers, unconfirmed
from datastore.redis.scripts import PipelinedScript

Id = TypeVar("Id", bound=int)
Row = TypeVar("Row")

STALE_SECONDS = 300
"""Long enough for most outages; longer ones show even in reads that no cache serves."""
_TOMBSTONE = b""
_TOMBSTONE_MS = 3_000
_MAX_PENDING_INVALIDATIONS = 100_000
_INVALIDATIONS_PER_READ = 1_000
# After a restart many reads miss at once. Unbatched they would need more connections to MongoDB than there are.
_READS_PER_LOAD, _CONCURRENT_LOADS = 100, 8
# A row with more changes costs more to decode than to load.
_MAX_CHANGED_BYTES = 32_000
_CHANGES_MS = 60_000
# Share of the TTL in Redis; with it a row is as old as one and a half TTLs at most.
_LOCAL_SHARE = 0.3
_log = structlog.get_logger()


class RowCache(Generic[Id, Row]):
    """`load` reads existing rows from MongoDB by id; `key` names the Redis key of an id; `row` is the type of a row.

    `stale_seconds`: for how long the copy of an unchanged row serves while MongoDB is away, 0 for no copies. With
    copies `load` should fail early while MongoDB is away.
    """

    def __init__(
        self,
        pipeline: CommandPipeline,
        row: Any,
        *,
        key: Callable[[Id], str],
        load: Callable[[Sequence[Id]], Awaitable[Mapping[Id, Row]]],
        ttl_seconds: int,
        stale_seconds: int = 0,
    ) -> None:
        self.pipeline, self.key, self._load_rows = pipeline, key, load
        self._load = Batcher(self._load_batch, _READS_PER_LOAD, at_once=_CONCURRENT_LOADS)
        self._ttl_ms, self._stale_ms = ttl_seconds * 1000, stale_seconds * 1000
        self._codec = RowCodec[Row](row)
        self.decode = self._codec.decode
        self._change, self._fill = PipelinedScript(pipeline, "row_change"), PipelinedScript(pipeline, "row_fill")
        self._forget = PipelinedScript(pipeline, "row_forget")
        self.local = LocalCache[Id, Row](seconds=min(LONGEST_SECONDS, ttl_seconds * _LOCAL_SHARE))
        self.pending_invalidations: set[Id] = set()
        self.distrusted: frozenset[int] = frozenset()

    async def get_many(self, ids: Sequence[Id], since: float | None = None) -> list[Row | None]:
        """In the order of the ids, None for a missing row. `since`: see `begin_read`."""
        read = self.begin_read(ids, since)
        await resolve_reads(read)
        return read.rows()

    def begin_read(self, ids: Sequence[Id], since: float | None = None) -> "PendingRead[Id, Row]":
        """Sends the read at once; `resolve_reads` completes it, for several caches in one round trip.

        Rows are as they were at `since` (by `time.monotonic`), or newer; None means now.
        """
        return PendingRead(self, ids, time.monotonic() if since is None else since)

    def local_entry(self, id_: Id, now: float) -> Entry[Row] | None:
        """The row in the memory of this process, to be confirmed by a read barrier; None if it must be read.

        `now`: by `time.monotonic`.
        """
        entry = self.local.peek(id_, now)
        return None if self.pending_invalidations and id_ in self.pending_invalidations else entry

    def local_row(self, id_: Id, since: float) -> Row | None:
        """The row, if this process has it and knows it to be as of `since` (by `time.monotonic`) or later."""
        entry = self.local_entry(id_, time.monotonic())
        return None if entry is None or unconfirmed([entry.tracking.connection], since) else entry.row

    async def invalidate(self, *ids: Id) -> None:
        """To be called after the change is in MongoDB. While Redis is away, the next reads of this cache repeat it."""
        if not ids:
            return
        try:
            await self.forget(*ids)
        except REDIS_FAILURES as error:
            _log.warning("cache away, row not marked", error=repr(error))

    async def forget(self, *ids: Id) -> None:
        """As `invalidate`, but raises an error of redis-py, one of REDIS_FAILURES, unless Redis took it.

        A server that takes no tombstone, for lack of memory, may still delete.
        """
        self.local.remove(ids)
        try:
            raise_first(await self.pipeline.submit(self.invalidation_commands(ids)))
        except REDIS_FAILURES as error:
            room = max(_MAX_PENDING_INVALIDATIONS - len(self.pending_invalidations), 0)
            self.pending_invalidations.update(islice(ids, room))  # the tombstone is still wanted where rows are deleted
            if not isinstance(error, ResponseError):
                raise
            names = [name for key in map(self.key, ids) for name in (key, keys.stale_copy(key))]
            raise_first(await self.pipeline.submit([("DEL", name) for name in names]))

    async def forget_unless_changed(self, id_: Id, change: RowChange) -> None:
        """As `forget`, but does nothing if the row has taken the change in."""
        try:
            await self._forget([self.key(id_)], change.encode(), _TOMBSTONE_MS)
        except UnavailableError:
            await self.forget(id_)

    def distrust(self, ids: Collection[int]) -> None:
        """Replaces the rows that are read from MongoDB, because Redis may not have forgotten them. Empty: none."""
        self.distrusted = frozenset(ids)
        self.local.distrust(cast("frozenset[Id]", self.distrusted))

    async def change(self, id_: Id, change: RowChange) -> None:
        """As `invalidate`, for a change that the row takes in; where there is none, the row to come takes it in."""
        self.local.remove([id_])
        try:
            limits = (_CHANGES_MS, _MAX_CHANGED_BYTES, _TOMBSTONE_MS)
            await self._change([self.key(id_)], change.encode(), NO_ROW, *limits)
        except UnavailableError:
            await self.invalidate(id_)

    async def load(self, ids: Sequence[Id], fillable: Sequence[Id]) -> Mapping[Id, Row]:
        """Rows from MongoDB; those of `fillable` ids are cached. Raises UnavailableError if a stale copy is missing."""
        began = time.monotonic()
        try:
            loaded = await self._load(ids)
        except UnavailableError:
            copies = await self._stale_copies(ids) if self._stale_ms and self.distrusted.isdisjoint(ids) else {}
            if len(copies) < len(ids):
                raise
            return copies
        await self.fill({id_: loaded[id_] for id_ in fillable if id_ in loaded}, began)
        return loaded

    async def fill(self, rows: Mapping[Id, Row], since: float) -> None:
        """Caches rows read from MongoDB, or inserted there, after `since`; never overwrites a row or a tombstone."""
        # A tombstone set in the meantime must still exist when the row arrives.
        age = time.monotonic() - since
        if age < _TOMBSTONE_MS / 2000:
            await self._set_if_absent(rows, wall_ms() - int(age * 1000))

    def invalidation_commands(self, ids: Iterable[Id]) -> list[Command]:
        names = list(map(self.key, ids))
        tombstones: list[Command] = [("SET", name, _TOMBSTONE, "PX", _TOMBSTONE_MS) for name in names]
        return tombstones + ([("DEL", keys.stale_copy(name)) for name in names] if self._stale_ms else [])

    async def _load_batch(self, reads: Sequence[Sequence[Id]]) -> Sequence[Mapping[Id, Row]]:
        rows = await self._load_rows(list(dict.fromkeys(chain.from_iterable(reads))))
        return [{id_: rows[id_] for id_ in ids if id_ in rows} for ids in reads]

    async def _set_if_absent(self, rows: Mapping[Id, Row], as_of_ms: int) -> None:
        if not rows:
            return
        ttl_ms = self._jittered_ttl_ms()
        encoded = [(self.key(id_), self._codec.encode(row, as_of_ms)) for id_, row in rows.items()]
        try:
            if self._codec.is_changeable:
                for name, raw in encoded:
                    await self._fill([name], raw, ttl_ms, NO_ROW)
                return
            replies = await self.pipeline.submit([("SET", name, raw, "PX", ttl_ms, "NX") for name, raw in encoded])
            raise_first(replies)
            if self._stale_ms:
                written = [entry for entry, is_set in zip(encoded, replies, strict=True) if is_set]
                copies = [("SET", keys.stale_copy(name), raw, "PX", self._stale_ms) for name, raw in written]
                raise_first(await self.pipeline.submit(copies))
        except (*REDIS_FAILURES, UnavailableError) as error:
            _log.warning("cache away, rows not kept", error=repr(error))

    async def _stale_copies(self, ids: Sequence[Id]) -> dict[Id, Row]:
        try:
            raws = await self.pipeline.fetch([keys.stale_copy(self.key(id_)) for id_ in ids])
        except REDIS_FAILURES:
            return {}
        rows = {id_: self.decode(raw) for id_, raw in zip(ids, raws, strict=True) if raw is not None}
        return {id_: row for id_, row in rows.items() if row is not None}

    def _jittered_ttl_ms(self) -> int:
        """One for all rows of a fill, so that a page expires at once and is loaded by one query; fills differ."""
        return int(self._ttl_ms * random.uniform(0.8, 1.2))  # noqa: S311 - spreading load is no secret


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

    def __init__(self, cache: RowCache[Id, Row], ids: Sequence[Id], since: float) -> None:
        self.missing = list[Id]()
        self._cache, self._ids, self._fillable = cache, ids, list[Id]()
        pending, distrusted = cache.pending_invalidations, cache.distrusted
        is_doubtful = bool(pending or distrusted)
        trusted = [id_ for id_ in ids if id_ not in pending and id_ not in distrusted] if is_doubtful else ids
        local = cache.local.get(trusted)
        self.found = {id_: entry.row for id_, entry in local.items()}
        absent = [id_ for id_ in dict.fromkeys(ids) if id_ not in local] if len(local) < len(ids) else []
        self._redis_read = self._read_redis(absent) if absent else None
        self._barriers = read_barriers([entry.tracking for entry in local.values()], since)
        self._unconfirmed = {id_: entry.tracking for id_, entry in local.items()} if self._barriers else {}

    @property
    def is_local(self) -> bool:
        """Whether this process had all rows, so that at most a read barrier is left to wait for."""
        return self._redis_read is None

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
        await read.collect()
    incomplete = [read for read in reads if read.missing]
    if len(incomplete) == 1:
        await incomplete[0].load()
    elif incomplete:
        await asyncio.gather(*[read.load() for read in incomplete])
