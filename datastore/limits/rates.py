"""Rate limits in points per minute, and counters of sign-in attempts, in Redis for all servers together.

Failure policy: raises UnavailableError while Redis is away or takes no writes, and callers count in their process.
"""

from collections.abc import Sequence

from redis.asyncio import Redis

from core.rates import RateDecision
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all
from datastore.redis.node.pipeline import CommandPipeline
from datastore.redis.scripts import ParsedReply, PipelinedScript


class RateStore:
    def __init__(self, redis: Redis, pipeline: CommandPipeline) -> None:
        self._redis = redis
        self._spend = PipelinedScript(pipeline, "rate_spend")

    def spend(self, subject: str, points: int, limit: int) -> ParsedReply[RateDecision]:
        """Sent at once, to be awaited. `limit` is in points per minute, all of which may be spent at once.

        A refusal costs no points.
        """
        return ParsedReply(self._spend([keys.rate(subject)], points, limit), _decision)

    async def ensure_counting(self) -> None:
        """Raises UnavailableError while Redis takes no counts."""
        with failures_as_unavailable():
            await self._redis.set(keys.rate("probe"), 0, px=1)

    async def count_attempts(self, subjects: Sequence[str], window_ms: int) -> list[int]:
        """Adds one attempt for each subject. Their attempts in the current window, which the first attempt begins."""
        commands = [
            words for subject in subjects for words in _count_commands(keys.attempts(subject), "INCR", window_ms)
        ]
        with failures_as_unavailable():
            return [int(count) for count in (await send_all(self._redis, commands))[1::2]]

    async def take_back_attempts(self, subjects: Sequence[str], window_ms: int) -> None:
        """Subtracts one attempt from each subject."""
        commands = [
            words for subject in subjects for words in _count_commands(keys.attempts(subject), "DECR", window_ms)
        ]
        with failures_as_unavailable():
            await send_all(self._redis, commands)


def _decision(reply: Sequence[int]) -> RateDecision:
    allowed, remaining, wait_us, reset_us = reply
    return RateDecision(bool(allowed), remaining, wait_us, reset_us)


def _count_commands(key: str, step: str, window_ms: int) -> list[tuple[str | int, ...]]:
    """SET NX creates the counter with the TTL of the window, which later changes do not extend."""
    return [("SET", key, 0, "PX", window_ms, "NX"), (step, key)]
