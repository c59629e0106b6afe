"""What Redis does in one step: the scripts of scripts/NAME.lua, run by a client or over a line."""

from collections.abc import Awaitable, Callable, Generator, Sequence
from hashlib import sha1
from importlib.resources import files
from typing import Any, Generic, TypeAlias, TypeVar

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from core.errors import UnavailableError
from datastore.redis.client import lost_as_unavailable, outcomes
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.cluster.slots import by_slot
from datastore.redis.node.dial import raise_first
from datastore.redis.node.pipeline import Asked, Line
from datastore.redis.node.protocol import Word, Words

T = TypeVar("T")
Siblings: TypeAlias = Callable[[str], Sequence[str]]


class _Program:
    """The text of a script, after what the scripts share; and what it is called with.

    `siblings` names the other keys of one slot that it touches for a key: a cluster has to know of all of them.
    """

    def __init__(self, name: str, siblings: Siblings | None) -> None:
        folder = files("datastore.redis").joinpath("lua")
        self.source = "\n".join(folder.joinpath(f"{part}.lua").read_text() for part in ("order", name))
        self.digest = sha1(self.source.encode(), usedforsecurity=False).hexdigest()
        self._siblings = siblings

    def words(self, keys: Sequence[str], args: Sequence[Word]) -> tuple[Word, ...]:
        siblings = self._siblings
        if siblings is not None:
            keys = [*keys, *[sibling for key in keys for sibling in siblings(key)]]
        return (len(keys), *keys, *args)


class Script:
    """Run by a client. Raises UnavailableError where Redis is away. `siblings`: as _Program, for a cluster alone."""

    def __init__(self, redis: Redis, name: str, *, siblings: Siblings | None = None) -> None:
        self._redis = redis
        self._program = _Program(name, siblings if isinstance(redis, ClusterRedis) else None)

    async def __call__(self, keys: Sequence[str], *args: Word) -> Any:
        program, words = self._program, self._program.words(keys, args)
        with lost_as_unavailable():
            answers = await outcomes(self._redis, [("EVALSHA", program.digest, *words)])
            if isinstance(answers[0], NoScriptError):
                answers = await outcomes(self._redis, [("EVAL", program.source, *words)])
            return raise_first(answers)[0]


class PipelinedScript:
    """Run over a line; to be sent twice without harm. `siblings`: as Script.

    `instead` names a script of the same arguments and answer that only reads: for the replicas in a cluster.
    """

    def __init__(
        self,
        line: Line,
        name: str,
        *,
        siblings: Siblings | None = None,
        instead: str | None = None,
        is_reading: bool = False,
    ) -> None:
        self._line = line
        self._program = _Program(name, siblings if line.is_of_cluster else None)
        self._verbs = ("EVALSHA_RO", "EVAL_RO") if is_reading else ("EVALSHA", "EVAL")
        self._instead: PipelinedScript | None = None
        if instead is not None and line.is_of_cluster:
            self._instead = PipelinedScript(line, instead, siblings=siblings, is_reading=True)

    def __call__(self, keys: Sequence[str], *args: Word) -> "Run":
        """Starts at once; to be awaited when its reply is needed, which raises UnavailableError where Redis is away."""
        instead, words = self._instead, self._program.words(keys, args)
        return Run(
            self._line.start([self._by_digest(words)]),
            lambda: self._line.start([self._by_source(words)]),
            None if instead is None else lambda: instead(keys, *args),
        )

    async def for_each_slot(self, keys: Sequence[str], *args: Word) -> list[Any]:
        """On keys of many slots, each slot by itself and all at once; on one server by one call."""
        slots = by_slot(keys) if self._line.is_of_cluster else {0: keys}
        calls, places = [self._program.words(some, args) for some in slots.values()], list(slots)
        with lost_as_unavailable():
            replies = list(await self._line.start([self._by_digest(words) for words in calls], places))
            unknown = [place for place, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
            if unknown:
                told = await self._line.start([self._by_source(calls[place]) for place in unknown])
                for place, reply in zip(unknown, told, strict=True):
                    replies[place] = reply
            return raise_first(replies)

    def _by_digest(self, words: Words) -> Words:
        return (self._verbs[0], self._program.digest, *words)

    def _by_source(self, words: Words) -> Words:
        return (self._verbs[1], self._program.source, *words)


class Run:
    """A script under way; `load` starts it again with its source, for a server that has forgotten it."""

    __slots__ = ("_asked", "_instead", "_load")

    def __init__(self, asked: Asked, load: Callable[[], Asked], instead: "Callable[[], Run] | None" = None) -> None:
        self._asked, self._load, self._instead = asked, load, instead

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            return (yield from self._answer())
        except UnavailableError:
            if self._instead is None:
                raise
        return (yield from self._instead().__await__())

    def _answer(self) -> Generator[Any, None, Any]:
        with lost_as_unavailable():
            replies = yield from self._asked.__await__()
            if isinstance(replies[0], NoScriptError):
                replies = yield from self._load().__await__()
            return raise_first(replies)[0]


class Answered(Generic[T]):
    """What is made of an answer that is under way."""

    __slots__ = ("_answer", "_read")

    def __init__(self, answer: Awaitable[Any], read: Callable[[Any], T]) -> None:
        self._answer, self._read = answer, read

    def __await__(self) -> Generator[Any, None, T]:
        return self._read((yield from self._answer.__await__()))
