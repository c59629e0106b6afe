"""The way to a cluster for hot reads: by the client that follows redirects. Nothing is remembered of what it reads."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from typing import Any

from redis.exceptions import ConnectionError as ConnectionBroken
from redis.exceptions import ResponseError

from datastore.cluster import ClusterRedis
from datastore.wire import Trace, Words


class ClusterLine:
    """A pipeline.Line of all nodes."""

    is_of_cluster = True

    def __init__(self, redis: ClusterRedis) -> None:
        self._redis = redis

    def start(self, commands: Sequence[Words]) -> "Question":
        return Question(self._redis, commands, lambda answers: answers)

    def fetch(self, keys: Sequence[str]) -> "Question":
        return Question(self._redis, [("MGET", *keys)], _only)


class Question:
    """Commands under way."""

    __slots__ = ("_read", "_task", "traces")

    def __init__(self, redis: ClusterRedis, commands: Sequence[Words], read: Callable[[list[Any]], Any]) -> None:
        self.traces = [_NoTrace()] * (len(commands[0]) - 1)
        self._read = read
        self._task = asyncio.create_task(redis.outcomes(commands))
        self._task.add_done_callback(_note)

    def __await__(self) -> Generator[Any, None, Any]:
        answers = yield from self._task.__await__()
        for answer in answers:
            if isinstance(answer, Exception) and not isinstance(answer, ResponseError):
                raise ConnectionBroken(str(answer)) from answer
        return self._read(answers)


class _NoTrace(Trace):
    """Of a row that nobody tells of."""

    __slots__ = ()

    def __init__(self) -> None:
        self.is_current = False


def _only(answers: list[Any]) -> Any:
    if isinstance(answers[0], Exception):
        raise answers[0]
    return answers[0]


def _note(task: "asyncio.Task[Any]") -> None:
    """Whoever asked may have gone on to something else."""
    if not task.cancelled():
        task.exception()
