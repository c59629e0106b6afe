"""How much somebody has asked for lately, and how often a sign-in failed: in Redis, one count for all servers.

Raises UnavailableError where Redis is away; who asks then lets it pass.
"""

from collections.abc import Sequence
from typing import NamedTuple

from redis.asyncio import Redis

from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all
from datastore.redis.node.pipeline import CommandPipeline
from datastore.redis.scripts import ParsedReply, PipelinedScript


class Spent(NamedTuple):
    """`is_allowed`: the points are spent. `wait_us` until they could be, `reset_us` until all of the limit is back."""

    is_allowed: bool
    remaining: int
    wait_us: int
    reset_us: int


class RateStore:
    def __init__(self, redis: Redis, pipeline: CommandPipeline) -> None:
        self._redis = redis
        self._spend = PipelinedScript(pipeline, "rate_spend")

    def spend(self, subject: str, points: int, limit: int) -> ParsedReply[Spent]:
        """`limit` points a minute, any part of it at once; what is refused costs nothing.

        Asked for at once, to be awaited.
        """
        return ParsedReply(self._spend([keys.rate(subject)], points, limit), _spent)

    async def attempt(self, subjects: Sequence[str], window_ms: int) -> list[int]:
        """Counts one attempt more of each; how many there are since the first of the last `window_ms`."""
        commands = [words for subject in subjects for words in _counting(keys.attempts(subject), "INCR", window_ms)]
        with failures_as_unavailable():
            return [int(count) for count in (await send_all(self._redis, commands))[1::2]]

    async def forgive(self, subjects: Sequence[str], window_ms: int) -> None:
        """Takes one attempt of each back."""
        commands = [words for subject in subjects for words in _counting(keys.attempts(subject), "DECR", window_ms)]
        with failures_as_unavailable():
            await send_all(self._redis, commands)


def _spent(reply: Sequence[int]) -> Spent:
    allowed, remaining, wait_us, reset_us = reply
    return Spent(bool(allowed), remaining, wait_us, reset_us)


def _counting(key: str, step: str, window_ms: int) -> list[tuple[str | int, ...]]:
    """The first makes the count, so that it ends with its window however it is changed after it."""
    return [("SET", key, 0, "PX", window_ms, "NX"), (step, key)]
