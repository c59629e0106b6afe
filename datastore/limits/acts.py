"""Counters of limited acts in sliding windows, in Redis for all servers together.

Failure policy: raises UnavailableError while Redis is away, and callers count in their process.
"""

from collections.abc import Sequence
from typing import NamedTuple

from redis.asyncio import Redis

from core.limits import ActCharge, LimitedAct
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all
from datastore.redis.node.commands import CommandWord
from datastore.redis.node.pipeline import CommandPipeline
from datastore.redis.scripts import PipelinedScript

NEWCOMER = "new"
"""Name of the limits for new accounts."""


class ActDecision(NamedTuple):
    """`noted_ms`: the instant under which the acts are counted, 0 if they are refused. Then `refused_by` is the charge
    with the longest wait, `wait_ms`.
    """

    noted_ms: int
    wait_ms: int = 0
    refused_by: ActCharge | None = None


class ActLimitStore:
    def __init__(self, redis: Redis, pipeline: CommandPipeline) -> None:
        self._redis = redis
        self._take = PipelinedScript(pipeline, "limits_take")

    async def take(self, charges: Sequence[ActCharge]) -> ActDecision:
        """Counts all acts, or none if one limit is reached. One round for all charges, which have one subject."""
        words = [word for charge in charges for word in _words(charge)]
        noted_ms, wait_ms, strictest = await self._take([_key(charge) for charge in charges], *words)
        return ActDecision(noted_ms, wait_ms, None if noted_ms else charges[strictest - 1])

    async def give_back(self, charges: Sequence[ActCharge], noted_ms: int) -> None:
        """Takes back acts that were counted and not done. Members stay counted."""
        counted = [charge for charge in charges if not charge.members]
        with failures_as_unavailable():
            await send_all(self._redis, [("LREM", _key(charge), charge.points, noted_ms) for charge in counted])

    async def forget(self, subject: str) -> None:
        """Deletes all counters of a subject."""
        names = [keys.limit(subject, act, name) for act in LimitedAct for name in ("", NEWCOMER)]
        with failures_as_unavailable():
            await send_all(self._redis, [("UNLINK", *names)])


def _key(charge: ActCharge) -> str:
    return keys.limit(charge.subject, charge.act, charge.name)


def _words(charge: ActCharge) -> list[CommandWord]:
    limit = charge.limit
    return [limit.window_ms, limit.most, charge.points, len(charge.members), *charge.members]
