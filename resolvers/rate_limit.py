"""Rate limit by query cost: points per minute for each user, or for the address of an anonymous client.

While Redis is away this process counts alone, more strictly, and a metric tells how often.
"""

from collections.abc import Awaitable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from core.auth.tokens import utc_now
from core.errors import RateLimitedError, UnavailableError
from core.limits import LimitedAct
from core.network.address_ranges import address_range
from core.rates import Charge, RateDecision, process_share
from core.runtime.metrics import DECIDED_ALONE
from resolvers.identity import Identity
from resolvers.services import Services

POINTS_A_MINUTE = 600_000
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Rate:
    """An operation's cost and the remaining points; at `reset_at` all of `limit` are available again."""

    cost: int
    limit: int
    remaining: int
    reset_at: datetime


def spend(services: Services, identity: Identity | None, address: str, cost: int) -> "Spending":
    """Awaiting raises RateLimitedError, and takes nothing, if fewer points remain than the operation costs."""
    subject = f"address:{address_range(address)}" if identity is None else f"user:{identity.user_id}"
    return Spending(services, subject, cost)


async def ensure_counting(services: Services) -> None:
    """For acts that no process may count alone. Raises UnavailableError while Redis is away or takes no writes."""
    if services.is_rate_limited:
        await services.stores.limits.rates.ensure_counting()


class Spending:
    """A pending withdrawal of points: sent to Redis at once, awaited when its result is needed."""

    def __init__(self, services: Services, subject: str, cost: int) -> None:
        self._services, self._subject, self._cost = services, subject, cost
        self._asked: Awaitable[RateDecision] | None = None
        if services.is_rate_limited:
            self._asked = services.stores.limits.rates.spend(subject, cost, POINTS_A_MINUTE)

    def __await__(self) -> Generator[Any, None, Rate]:
        return self._rate().__await__()

    async def _rate(self) -> Rate:
        if self._asked is None:
            return Rate(self._cost, POINTS_A_MINUTE, POINTS_A_MINUTE, utc_now())
        try:
            return _rate(await self._asked, self._cost, POINTS_A_MINUTE)
        except UnavailableError:
            DECIDED_ALONE.labels("operation").inc()
        charge = Charge(self._subject, self._cost, POINTS_A_MINUTE, _MINUTE_MS)
        return _rate(self._services.process_limiter.spend(charge), self._cost, process_share(POINTS_A_MINUTE))


def _rate(spent: RateDecision, cost: int, limit: int) -> Rate:
    if not spent.is_allowed:
        wait = ceil(spent.wait_us / 1e6)
        message = f"This costs {cost} points, and {spent.remaining} are left. Try again in {wait} s."
        raise RateLimitedError(message, wait, LimitedAct.POINTS)
    return Rate(cost, limit, spent.remaining, utc_now() + timedelta(microseconds=spent.reset_us))
