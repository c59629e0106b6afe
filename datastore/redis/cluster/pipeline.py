"""The way to a cluster for hot reads: each command on the pipeline of the master that serves its slot.

What comes to nothing there, because the slot is elsewhere or on the move or its master is gone, is asked once more of
the client that follows redirects; of such rows nothing is remembered.
"""

from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import AskError, ClusterDownError, MovedError, ReadOnlyError, ResponseError, TryAgainError
from redis.exceptions import ConnectionError as ConnectionBroken

from core.redis_cluster_url import Address
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.cluster.slots import Part, joined, parts_of
from datastore.redis.node.circuit_breaker import Breaker
from datastore.redis.node.connections import LOST
from datastore.redis.node.dial import dialler
from datastore.redis.node.pipeline import Line, Pipeline, open_line
from datastore.redis.node.protocol import NO_TRACE, Call, Trace, Words

_ELSEWHERE = (AskError, ClusterDownError, MovedError, ReadOnlyError, TryAgainError)
_CACHING: Words = ("CLIENT", "CACHING", "YES")


@dataclass(slots=True, eq=False)
class _Piece:
    """What one slot does of a command. `is_astray` until a node has carried it out."""

    part: Part
    answer: Any = None
    is_astray: bool = True
    traces: Sequence[Trace] = field(default_factory=list)

    def take(self, answer: Any) -> None:
        self.answer, self.is_astray = answer, isinstance(answer, _ELSEWHERE)


class ClusterLine:
    """A pipeline.Line of all nodes."""

    is_of_cluster = True

    def __init__(self, redis: ClusterRedis) -> None:
        self._redis = redis
        self._pipelines: dict[Address, Pipeline] = {}

    def start(self, commands: Sequence[Words], slots: Sequence[int] | None = None, /) -> "Question":
        if slots is None:
            wholes = [(words, parts_of(words)) for words in commands]
        else:
            wholes = [(words, [Part(slot, words)]) for words, slot in zip(commands, slots, strict=True)]
        return Question(self._redis, self._sent(wholes, is_traced=False))

    def fetch(self, keys: Sequence[str]) -> "Fetch":
        words = ("MGET", *keys)
        return Fetch(self._redis, self._sent([(words, parts_of(words))] if keys else [], is_traced=True))

    async def aclose(self) -> None:
        for pipeline in self._pipelines.values():
            await pipeline.close()

    def _sent(self, commands: Sequence[tuple[Words, Sequence[Part]]], *, is_traced: bool) -> "_Sent":
        wholes = [(words, [_Piece(part) for part in parts]) for words, parts in commands]
        at: dict[Pipeline, list[_Piece]] = {}
        for _, pieces in wholes:
            for piece in pieces:
                if (pipeline := self._pipeline_of(piece.part.slot)) is not None:
                    at.setdefault(pipeline, []).append(piece)
        make = _traced if is_traced else _plain
        return _Sent(wholes, [(pipeline.place(make(pieces)), pieces) for pipeline, pieces in at.items()])

    def _pipeline_of(self, slot: int | None) -> Pipeline | None:
        """None where nobody is known to serve it, or no node answers."""
        topology = self._redis.topology
        if slot is None or topology.is_lost or not topology.is_known:
            return None
        try:
            master = topology.shard_of(slot).master
        except ClusterDownError:
            return None
        if (pipeline := self._pipelines.get(master)) is None:
            dial = dialler(self._redis.url.of_node(master))
            pipeline = self._pipelines[master] = Pipeline(dial, self._redis.breaker_of(master))
        return pipeline


@dataclass(frozen=True, slots=True)
class _Sent:
    """Commands by their pieces, and the calls by which these were sent."""

    wholes: Sequence[tuple[Words, Sequence[_Piece]]]
    calls: Sequence[tuple[Call, Sequence[_Piece]]]

    @property
    def pieces(self) -> list[_Piece]:
        return [piece for _, pieces in self.wholes for piece in pieces]


class Question:
    """Commands under way at all nodes that they concern."""

    traces: Sequence[Trace] = ()

    def __init__(self, redis: ClusterRedis, sent: _Sent) -> None:
        self._redis, self._sent = redis, sent

    def __await__(self) -> Generator[Any, None, Any]:
        return self._read().__await__()

    async def _read(self) -> Any:
        return await self._answers()

    async def _answers(self) -> list[Any]:
        """In their order, errors that the nodes answer among them."""
        for call, pieces in self._sent.calls:
            await _hear(call, pieces)
        if astray := [piece for piece in self._sent.pieces if piece.is_astray]:
            found = await self._redis.outcomes([piece.part.words for piece in astray])
            for piece, answer in zip(astray, found, strict=True):
                if isinstance(answer, Exception) and not isinstance(answer, ResponseError):
                    raise ConnectionBroken(str(answer)) from answer
                piece.answer = answer
        return [
            joined(words, [piece.part for piece in pieces], [piece.answer for piece in pieces])
            for words, pieces in self._sent.wholes
        ]


class Fetch(Question):
    """The values of some keys under way."""

    async def _read(self) -> Any:
        answers = await self._answers()
        values: Any = answers[0] if answers else []
        if isinstance(values, Exception):
            raise values
        traces = [NO_TRACE] * len(values)
        for piece in self._sent.pieces:
            for place, trace in zip(piece.part.places, piece.traces, strict=False):
                traces[place] = trace
        self.traces = traces
        return values


def _plain(pieces: Sequence[_Piece]) -> Call:
    return Call([piece.part.words for piece in pieces])


def _traced(pieces: Sequence[_Piece]) -> Call:
    """Redis is to be told before each command that its keys are to be told of."""
    keys = [key.encode() for piece in pieces for key in piece.part.words[1:]]
    return Call([words for piece in pieces for words in (_CACHING, piece.part.words)], keys)


async def _hear(call: Call, pieces: Sequence[_Piece]) -> None:
    """Leaves astray what got no answer."""
    try:
        replies = await call
    except LOST:
        return
    traces = iter(call.traces)
    for piece, reply in zip(pieces, replies[1::2] if call.traced else replies, strict=True):
        piece.take(reply)
        if call.traced:
            known = [next(traces) for _ in piece.part.places]
            piece.traces = [] if piece.is_astray else known


@asynccontextmanager
async def open_any_line(url: str, redis: Redis, breaker: Breaker | None = None) -> AsyncIterator[Line]:
    """To the cluster of the client, or to the one server of the URL."""
    if isinstance(redis, ClusterRedis):
        async with open_cluster_line(redis) as cluster_line:
            yield cluster_line
        return
    async with open_line(url, breaker) as line:
        yield line


@asynccontextmanager
async def open_cluster_line(redis: ClusterRedis) -> AsyncIterator[ClusterLine]:
    line = ClusterLine(redis)
    try:
        yield line
    finally:
        await line.aclose()
