"""Login throttle: limits wrong passwords per GraphQL field, for each account and each address.

While Redis is away this process counts alone, more strictly, and a metric tells how often.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import blake2b

from core.address_ranges import address_range
from core.errors import RateLimitedError, RefusalError, UnavailableError
from core.rates import Charge
from core.runtime.metrics import DECIDED_ALONE
from resolvers.services import Services

ATTEMPTS_ACCOUNT, ATTEMPTS_ADDRESS = 5, 20
WINDOW = timedelta(minutes=15)
_WINDOW_MS = WINDOW // timedelta(milliseconds=1)


@asynccontextmanager
async def throttled_attempt(services: Services, field: str, account: str, address: str) -> AsyncIterator[None]:
    """Wraps a password check. A RefusalError raised in the block counts as a failure.

    Raises RateLimitedError after too many failures with this account, or from this address. Attempts are counted before
    they are made, so that a thousand concurrent ones are not a thousand guesses.
    """
    if not services.is_rate_limited:
        yield
        return
    limits = {f"{field}:{_hashed(account)}": ATTEMPTS_ACCOUNT, f"{field}:{address_range(address)}": ATTEMPTS_ADDRESS}
    attempt = _Attempt(services, field, limits)
    await attempt.count()
    try:
        yield
    except RefusalError:
        raise
    except BaseException:
        await attempt.forgive()
        raise
    await attempt.forgive()


class _Attempt:
    """One attempt, counted for each subject in Redis, or in this process."""

    def __init__(self, services: Services, field: str, limits: Mapping[str, int]) -> None:
        self._services, self._field, self._limits = services, field, limits
        self._alone: list[Charge] = []

    async def count(self) -> None:
        """Raises RateLimitedError if a subject has had its attempts."""
        try:
            counts = await self._services.stores.limits.rates.count_attempts(list(self._limits), _WINDOW_MS)
        except UnavailableError:
            self._count_alone()
            return
        if any(count > limit for count, limit in zip(counts, self._limits.values(), strict=True)):
            raise _too_many()

    async def forgive(self) -> None:
        if self._alone:
            self._services.process_limiter.give_back(*self._alone)
            return
        try:
            await self._services.stores.limits.rates.take_back_attempts(list(self._limits), _WINDOW_MS)
        except UnavailableError:
            DECIDED_ALONE.labels("forgiving").inc()

    def _count_alone(self) -> None:
        DECIDED_ALONE.labels(self._field).inc()
        charges = [Charge(subject, 1, limit, _WINDOW_MS) for subject, limit in self._limits.items()]
        if not self._services.process_limiter.spend(*charges).is_allowed:
            raise _too_many()
        self._alone = charges


def _too_many() -> RateLimitedError:
    wait = int(WINDOW.total_seconds())
    return RateLimitedError(f"Too many failed attempts. Try again in {wait // 60} minutes.", wait)


def _hashed(account: str) -> str:
    """E-mail addresses are not stored in Redis."""
    return blake2b(account.encode(), digest_size=16).hexdigest()
