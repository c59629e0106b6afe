"""Read-through cache of MongoDB rows as bytes in Redis. It fails open, and is stale for seconds at most.

A change writes a short-lived tombstone over the row. A reader that began before the change can't fill over it, so a row
that was read from the database too early is never kept. Invalidations that fail are repeated with the next reads.
Rows with a short TTL may leave a stale copy, which serves while MongoDB is away.
"""

import random
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Generic, TypeVar, cast

import structlog
from redis.exceptions import ResponseError

from core.errors import UnavailableError
from core.ids import wall_ms
from datastore.cache.batcher import Batcher
from datastore.cache.local import LONGEST_SECONDS, Entry, LocalCache
from datastore.cache.pending_read import PendingRead, resolve_reads
from datastore.cache.row_codec import NO_ROW, RowChange, RowCodec
from datastore.redis import keys
from datastore.redis.client import REDIS_FAILURES
from datastore.redis.node.commands import Command, raise_first
from datastore.redis.node.pipeline import CommandPipeline
from datastore.redis.node.tracking import unconfirmed
from datastore.redis.scripts import PipelinedScript

Id = TypeVar("Id", bound=int)
Row = TypeVar("Row")

STALE_SECONDS = 300
"""Long enough for most outages; longer ones show even in reads that no cache serves."""
_TOMBSTONE = b""
_TOMBSTONE_MS = 3_000
_MAX_PENDING_INVALIDATIONS = 100_000
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

    def begin_read(self, ids: Sequence[Id], since: float | None = None) -> PendingRead[Id, Row]:
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

    def local_rows(self, ids: Collection[Id], since: float) -> list[Row] | None:
        """The rows in the order of the ids, if `local_row` would give each; else None."""
        now, rows, connections = time.monotonic(), [], set()
        for id_ in ids:
            if (entry := self.local_entry(id_, now)) is None or entry.row is None:
                return None
            rows.append(entry.row)
            connections.add(entry.tracking.connection)
        return None if unconfirmed(connections, since) else rows

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
