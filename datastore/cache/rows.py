"""Rows of MongoDB kept as bytes in Redis, read through. The cache fails open and outlives a change by seconds at most.

A change writes a short-lived mark over the row. Readers that began before the change can't fill over the mark, so that
what they read from the database too early is never kept. A mark that Redis was away for is made up for.
Rows that run out soon may leave a spare, which serves where MongoDB is away when they have.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
import structlog

from core.errors import UnavailableError
from datastore.cache.batcher import Gathering
from datastore.cache.local import Memory
from datastore.redis import keys
from datastore.redis.client import LOST
from datastore.redis.node.dial import raise_first
from datastore.redis.node.pipeline import Asked, Line
from datastore.redis.node.protocol import Words, confirming

Id = TypeVar("Id", bound=int)
Row = TypeVar("Row")

SPARE_SECONDS = 300
"""An outage that lasts as long is noticed without any cache."""
_MARK = b""
_MARK_MS = 3_000
_OWED_AT_MOST = 100_000
_OWED_AT_ONCE = 1_000
# Of looks that lack rows at one moment, as after a restart, which nobody's connections to MongoDB would suffice for.
_LOOKS_JOINED, _LOADS_AT_ONCE = 100, 8
_log = structlog.get_logger()


class _Question(NamedTuple, Generic[Id]):
    """`paid`: ids whose marks are written before the rows are read."""

    ids: Sequence[Id]
    fetched: Asked
    paid: Sequence[Id]
    paying: Asked | None


class RowCache(Generic[Id, Row]):
    """`load` reads rows from MongoDB by id, those that exist. `key` names an id's Redis key; `row` is their type.

    `spare_seconds`: for so long a row that nobody changed serves once MongoDB is away; 0 for none. Such a `load` should
    say soon that it is away.
    """

    def __init__(
        self,
        line: Line,
        row: Any,
        *,
        key: Callable[[Id], str],
        load: Callable[[Sequence[Id]], Awaitable[Mapping[Id, Row]]],
        ttl_seconds: int,
        spare_seconds: int = 0,
    ) -> None:
        self.line, self.key, self._load_rows = line, key, load
        self._load = Gathering(self._load_all, _LOOKS_JOINED, at_once=_LOADS_AT_ONCE)
        self._ttl_ms, self._spare_ms = ttl_seconds * 1000, spare_seconds * 1000
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(row).decode
        self.memory = Memory[Id, Row]()
        self.owed: set[Id] = set()

    async def get_many(self, ids: Sequence[Id], since: float | None = None) -> list[Row | None]:
        """In the order asked, None where there is no such row."""
        look = self.look(ids, since)
        await settle(look)
        return look.rows()

    def look(self, ids: Sequence[Id], since: float | None = None) -> "Look[Id, Row]":
        """Begins to read; `settle` ends it, for many caches in one round.

        Rows are as they were at `since` (by `time.monotonic`) or later; None: at this moment.
        """
        return Look(self, ids, time.monotonic() if since is None else since)

    async def forget(self, *ids: Id) -> None:
        """Call after the change is in MongoDB. Where Redis is away, it is told with the next look at the cache."""
        if not ids:
            return
        self.memory.forget(ids)
        try:
            raise_first(await self.line.start(self.markings(ids)))
        except LOST as error:
            self.owed.update(islice(ids, max(_OWED_AT_MOST - len(self.owed), 0)))
            _log.warning("cache away, row not marked", error=repr(error))

    async def load(self, ids: Sequence[Id], free: Sequence[Id]) -> Mapping[Id, Row]:
        """From MongoDB; kept from now on where their place was `free`. Raises UnavailableError without all spares."""
        began = time.monotonic()
        try:
            loaded = await self._load(ids)
        except UnavailableError:
            spares = await self._spares(ids) if self._spare_ms else {}
            if len(spares) < len(ids):
                raise
            return spares
        await self.keep({id_: loaded[id_] for id_ in free if id_ in loaded}, began)
        return loaded

    async def keep(self, rows: Mapping[Id, Row], since: float) -> None:
        """Rows as MongoDB has them, read or made since then (by `time.monotonic`); where something is, it stays."""
        # A mark that was set meanwhile must still stand when the row arrives.
        if time.monotonic() - since < _MARK_MS / 2000:
            await self._fill(rows)

    def markings(self, ids: Iterable[Id]) -> list[Words]:
        """What says that these have changed."""
        names = list(map(self.key, ids))
        marks: list[Words] = [("SET", name, _MARK, "PX", _MARK_MS) for name in names]
        return marks + ([("DEL", keys.spare(name)) for name in names] if self._spare_ms else [])

    def decoded(self, raw: bytes) -> Row | None:
        """None for a mark, and for what another version of the program left."""
        try:
            row: Row = self._decode(raw)
        except msgspec.MsgspecError:
            return None
        return row

    async def _load_all(self, looks: Sequence[Sequence[Id]]) -> Sequence[Mapping[Id, Row]]:
        rows = await self._load_rows(list(dict.fromkeys(chain.from_iterable(looks))))
        return [{id_: rows[id_] for id_ in ids if id_ in rows} for ids in looks]

    async def _fill(self, rows: Mapping[Id, Row]) -> None:
        if not rows:
            return
        ttl_ms = self._spread_ttl_ms()
        encoded = [(self.key(id_), self._encode(row)) for id_, row in rows.items()]
        try:
            kept = await self.line.start([("SET", name, raw, "PX", ttl_ms, "NX") for name, raw in encoded])
            raise_first(kept)
            if self._spare_ms:
                spares = [one for one, is_kept in zip(encoded, kept, strict=True) if is_kept]
                raise_first(
                    await self.line.start(
                        [("SET", keys.spare(name), raw, "PX", self._spare_ms) for name, raw in spares]
                    )
                )
        except LOST as error:
            _log.warning("cache away, rows not kept", error=repr(error))

    async def _spares(self, ids: Sequence[Id]) -> dict[Id, Row]:
        try:
            raws = await self.line.fetch([keys.spare(self.key(id_)) for id_ in ids])
        except LOST:
            return {}
        rows = {id_: self.decoded(raw) for id_, raw in zip(ids, raws, strict=True) if raw is not None}
        return {id_: row for id_, row in rows.items() if row is not None}

    def _spread_ttl_ms(self) -> int:
        """Rows filled together run out together, so that a page loads them by one query; those of others do not."""
        return int(self._ttl_ms * random.uniform(0.8, 1.2))  # noqa: S311 - spreading load is no secret


class Look(Generic[Id, Row]):
    """Rows being read: from memory and Redis in one round, then from MongoDB those that are in neither.

    Once it was settled `found` holds those that there are.
    """

    def __init__(self, cache: RowCache[Id, Row], ids: Sequence[Id], since: float) -> None:
        self.lacking = list[Id]()
        self._cache, self._ids, self._free = cache, ids, list[Id]()
        held = cache.memory.recall([id_ for id_ in ids if id_ not in cache.owed] if cache.owed else ids)
        self.found = {id_: one.row for id_, one in held.items()}
        missing = [id_ for id_ in dict.fromkeys(ids) if id_ not in held] if len(held) < len(ids) else []
        self._question = self._ask(missing) if missing else None
        self._confirming = confirming([one.trace for one in held.values()], since)
        self._unsure = {id_: one.trace for id_, one in held.items()} if self._confirming else {}

    @property
    def is_at_hand(self) -> bool:
        """Whether this process held all rows; at most Redis is still to say that they are what they were."""
        return self._question is None

    async def hear(self) -> None:
        """What memory and Redis say; MongoDB is to be asked for what is `lacking` after it."""
        if self._question is not None:
            await self._take(self._question)
        for confirmed in self._confirming:
            await confirmed
        if changed := [id_ for id_, trace in self._unsure.items() if not trace.is_current]:
            for id_ in changed:
                del self.found[id_]
            await self._take(self._ask(changed))

    async def load(self) -> None:
        self.found.update(await self._cache.load(self.lacking, self._free))

    def rows(self) -> list[Row | None]:
        """In the order asked, None where there is no such row."""
        found = self.found
        return [found.get(id_) for id_ in self._ids]

    def _ask(self, ids: Sequence[Id]) -> _Question[Id]:
        """Marks that Redis was away for are made up for first."""
        cache = self._cache
        paid = list(islice(cache.owed, _OWED_AT_ONCE))
        paying = cache.line.start(cache.markings(paid)) if paid else None
        return _Question(ids, cache.line.fetch(list(map(cache.key, ids))), paid, paying)

    async def _take(self, question: _Question[Id]) -> None:
        cache, found = self._cache, self.found
        try:
            raws = await question.fetched
            if question.paying is not None:
                raise_first(await question.paying)
        except LOST:
            self.lacking += question.ids
            return
        owed = cache.owed
        for id_, raw, trace in zip(question.ids, raws, question.fetched.traces, strict=True):
            row = None if raw is None or id_ in owed else cache.decoded(raw)
            if row is not None:
                found[id_] = row
                cache.memory.hold(id_, row, trace, len(raw))
            else:
                self.lacking.append(id_)
                if raw is None and id_ not in owed:
                    self._free.append(id_)
        owed.difference_update(question.paid)


async def settle(*looks: Look[Any, Any]) -> None:
    """Ends looks that were begun together: one round to Redis, then at once all that MongoDB is asked."""
    for look in looks:
        await look.hear()
    lacking = [look for look in looks if look.lacking]
    if len(lacking) == 1:
        await lacking[0].load()
    elif lacking:
        await asyncio.gather(*[look.load() for look in lacking])
