"""Rate limits in points per minute, in Redis for all servers together.

Failure policy: raises UnavailableError while Redis is away or takes no writes, and callers count in their process.
"""

from collections.abc import Sequence

from redis.asyncio import Redis

from core.rates import RateDecision
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable
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


def _decision(reply: Sequence[int]) -> RateDecision:
    allowed, remaining, wait_us, reset_us = reply
    return RateDecision(bool(allowed), remaining, wait_us, reset_us)
