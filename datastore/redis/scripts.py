"""Lua scripts, which Redis runs atomically: lua/NAME.lua, run by a client or over a command pipeline."""

from collections.abc import Awaitable, Callable, Generator, Sequence
from hashlib import sha1
from importlib.resources import files
from typing import Any, Generic, TypeAlias, TypeVar

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from core.errors import UnavailableError
from datastore.redis.client import failures_as_unavailable, outcomes
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.cluster.slots import group_by_slot
from datastore.redis.node.commands import Command, CommandWord, raise_first
from datastore.redis.node.pipeline import CommandPipeline, PendingReplies

T = TypeVar("T")
_SHARED = ("shared/home", "shared/event_log")
Siblings: TypeAlias = Callable[[str], Sequence[str]]
"""From a key to the other keys of its slot that a script touches for it. A cluster wants all of them declared."""


_FOLDER = files("datastore.redis").joinpath("lua")


def script_names() -> list[str]:
    return sorted(path.name.removesuffix(".lua") for path in _FOLDER.iterdir() if path.is_file())


def script_source(name: str) -> str:
    """The text of lua/NAME.lua, after the functions that all scripts share."""
    return "\n".join(_FOLDER.joinpath(f"{part}.lua").read_text() for part in (*_SHARED, name))


class Script:
    """A script run by a client. Raises UnavailableError while Redis is away. `siblings` matter in a cluster alone."""

    def __init__(self, redis: Redis, name: str, *, siblings: Siblings | None = None) -> None:
        self._redis = redis
        self._text = _ScriptText(name, siblings if isinstance(redis, ClusterRedis) else None)

    async def __call__(self, keys: Sequence[str], *args: CommandWord) -> Any:
        text, operands = self._text, self._text.operands(keys, args)
        with failures_as_unavailable():
            replies = await outcomes(self._redis, [("EVALSHA", text.digest, *operands)])
            if isinstance(replies[0], NoScriptError):
                replies = await outcomes(self._redis, [("EVAL", text.source, *operands)])
            return raise_first(replies)[0]


class PipelinedScript:
    """An idempotent script run over a pipeline. `siblings`: see `Script`.

    `replica_fallback` names a read-only script with the same arguments and reply, which the replicas of a cluster run
    while a master is away. `is_read_only` scripts may run on replicas.
    """

    def __init__(
        self,
        pipeline: CommandPipeline,
        name: str,
        *,
        siblings: Siblings | None = None,
        replica_fallback: str | None = None,
        is_read_only: bool = False,
    ) -> None:
        self._pipeline = pipeline
        self._text = _ScriptText(name, siblings if pipeline.is_cluster else None)
        self._by_digest, self._by_source = ("EVALSHA_RO", "EVAL_RO") if is_read_only else ("EVALSHA", "EVAL")
        self._fallback: PipelinedScript | None = None
        if replica_fallback is not None and pipeline.is_cluster:
            self._fallback = PipelinedScript(pipeline, replica_fallback, siblings=siblings, is_read_only=True)

    def __call__(self, keys: Sequence[str], *args: CommandWord) -> "PendingScript":
        """Sends at once. Awaiting the reply raises UnavailableError while Redis is away."""
        fallback, operands = self._fallback, self._text.operands(keys, args)
        return PendingScript(
            self._pipeline.submit([self._digest_command(operands)]),
            lambda: self._pipeline.submit([self._source_command(operands)]),
            None if fallback is None else lambda: fallback(keys, *args),
        )

    async def for_each_slot(self, keys: Sequence[str], *args: CommandWord) -> list[Any]:
        """One call per slot of the keys, all in one round; a single call on one server. Raises UnavailableError."""
        by_slot = group_by_slot(keys) if self._pipeline.is_cluster else {0: keys}
        calls, slots = [self._text.operands(group, args) for group in by_slot.values()], list(by_slot)
        with failures_as_unavailable():
            replies = list(await self._pipeline.submit([self._digest_command(operands) for operands in calls], slots))
            unknown = [index for index, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
            if unknown:
                loaded = await self._pipeline.submit([self._source_command(calls[index]) for index in unknown])
                for index, reply in zip(unknown, loaded, strict=True):
                    replies[index] = reply
            return raise_first(replies)

    def _digest_command(self, operands: Command) -> Command:
        return (self._by_digest, self._text.digest, *operands)

    def _source_command(self, operands: Command) -> Command:
        return (self._by_source, self._text.source, *operands)


class PendingScript:
    """The reply of a script under way. `send_source` runs it again on a server that does not have it."""

    __slots__ = ("_fallback", "_replies", "_send_source")

    def __init__(
        self,
        replies: PendingReplies,
        send_source: Callable[[], PendingReplies],
        fallback: "Callable[[], PendingScript] | None" = None,
    ) -> None:
        self._replies, self._send_source, self._fallback = replies, send_source, fallback

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            return (yield from self._reply())
        except UnavailableError:
            if self._fallback is None:
                raise
        return (yield from self._fallback().__await__())

    def _reply(self) -> Generator[Any, None, Any]:
        with failures_as_unavailable():
            replies = yield from self._replies.__await__()
            if isinstance(replies[0], NoScriptError):
                replies = yield from self._send_source().__await__()
            return raise_first(replies)[0]


class ParsedReply(Generic[T]):
    """A reply under way, and the function that parses it when it is awaited."""

    __slots__ = ("_parse", "_reply")

    def __init__(self, reply: Awaitable[Any], parse: Callable[[Any], T]) -> None:
        self._reply, self._parse = reply, parse

    def __await__(self) -> Generator[Any, None, T]:
        return self._parse((yield from self._reply.__await__()))


class _ScriptText:
    """The source of a script, after the functions that all scripts share, and its SHA-1 digest."""

    def __init__(self, name: str, siblings: Siblings | None) -> None:
        self.source = script_source(name)
        self.digest = sha1(self.source.encode(), usedforsecurity=False).hexdigest()
        self._siblings = siblings

    def operands(self, keys: Sequence[str], args: Sequence[CommandWord]) -> tuple[CommandWord, ...]:
        """Words that follow the digest or the source in the command."""
        siblings = self._siblings
        if siblings is not None:
            keys = [*keys, *[sibling for key in keys for sibling in siblings(key)]]
        return (len(keys), *keys, *args)
