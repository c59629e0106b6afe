"""Login throttle: limits wrong passwords per GraphQL field, for each account and each address.

Fails open while Redis is away, which a metric counts.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import blake2b

from core.address_ranges import address_range
from core.errors import RateLimitedError, RefusalError, UnavailableError
from core.runtime.metrics import UNCOUNTED
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
    try:
        counts = await services.stores.limits.rates.count_attempts(list(limits), _WINDOW_MS)
    except UnavailableError:
        UNCOUNTED.labels(field).inc()
        yield
        return
    if any(count > limit for count, limit in zip(counts, limits.values(), strict=True)):
        wait = int(WINDOW.total_seconds())
        raise RateLimitedError(f"Too many failed attempts. Try again in {wait // 60} minutes.", wait)
    try:
        yield
    except RefusalError:
        raise
    except BaseException:
        await _forgive(services, limits)
        raise
    await _forgive(services, limits)


async def _forgive(services: Services, subjects: Collection[str]) -> None:
    try:
        await services.stores.limits.rates.take_back_attempts(list(subjects), _WINDOW_MS)
    except UnavailableError:
        UNCOUNTED.labels("forgiving").inc()


def _hashed(account: str) -> str:
    """E-mail addresses are not stored in Redis."""
    return blake2b(account.encode(), digest_size=16).hexdigest()
