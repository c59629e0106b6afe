"""Rate limit by query cost: points per minute for each user, or for the address of an anonymous client.

Fails open while Redis is away, which a metric counts: nobody is locked out without a reason.
"""

from collections.abc import Awaitable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from core.address_ranges import address_range
from core.auth.tokens import utc_now
from core.errors import RateLimitedError, UnavailableError
from core.runtime.metrics import UNCOUNTED
from datastore.limits.rates import RateDecision
from resolvers.identity import Identity
from resolvers.services import Services

POINTS_A_MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Rate:
    """An operation's cost and the remaining points; at `reset_at` all of `limit` are available again."""

    cost: int
    limit: int
    remaining: int
    reset_at: datetime


def spend(services: Services, identity: Identity | None, address: str, cost: int) -> "Spending":
    """Awaiting raises RateLimitedError, and takes nothing, if fewer points remain than the operation costs."""
    if not services.is_rate_limited:
        return Spending(None, cost)
    subject = f"address:{address_range(address)}" if identity is None else f"user:{identity.user_id}"
    return Spending(services.stores.limits.rates.spend(subject, cost, POINTS_A_MINUTE), cost)


class Spending:
    """A pending withdrawal of points: sent to Redis at once, awaited when its result is needed."""

    def __init__(self, asked: Awaitable[RateDecision] | None, cost: int) -> None:
        self._asked, self._cost = asked, cost

    def __await__(self) -> Generator[Any, None, Rate]:
        return _rate(self._asked, self._cost).__await__()


async def _rate(asked: Awaitable[RateDecision] | None, cost: int) -> Rate:
    if asked is None:
        return Rate(cost, POINTS_A_MINUTE, POINTS_A_MINUTE, utc_now())
    try:
        spent = await asked
    except UnavailableError:
        UNCOUNTED.labels("operation").inc()
        return Rate(cost, POINTS_A_MINUTE, POINTS_A_MINUTE, utc_now())
    if not spent.is_allowed:
        wait = ceil(spent.wait_us / 1e6)
        raise RateLimitedError(
            f"This costs {cost} points, and {spent.remaining} are left. Try again in {wait} s.", wait
        )
    return Rate(cost, POINTS_A_MINUTE, spent.remaining, utc_now() + timedelta(microseconds=spent.reset_us))
