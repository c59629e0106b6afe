"""Login throttle: limits wrong passwords by what was typed, from one address and from everywhere.

A device on which the person signed in before has attempts of its own, so that nobody shuts its owner out by guessing.
While Redis is away this process counts alone, more strictly.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import blake2b
from typing import Final

from core.errors import RefusalError
from core.limits import ActCharge, Limit, LimitedAct
from core.network.address_ranges import address_range
from resolvers.limits.admission import admit
from resolvers.services import Services

ATTEMPTS_ADDRESS: Final = 5
ATTEMPTS_EVERYWHERE: Final = 50
WINDOW: Final = timedelta(minutes=15)
_WINDOW_MS: Final = WINDOW // timedelta(milliseconds=1)


@asynccontextmanager
async def throttled_attempt(
    services: Services, field: str, typed: str, address: str, *, known_device: str | None = None
) -> AsyncIterator[None]:
    """Wraps a password check. A RefusalError raised in the block counts as a failure.

    `typed` is the login as it was typed, or the id of who is signed in. Raises RateLimitedError after too many failures
    with it in any 15 minutes. Attempts are counted before they are made, so that a thousand concurrent ones are not a
    thousand guesses.
    """
    if not services.is_rate_limited:
        yield
        return
    admission = await admit(services, *_charges(f"{field}:{_hashed(typed)}", address, known_device))
    try:
        yield
    except RefusalError:
        raise
    except BaseException:
        await admission.give_back()
        raise
    await admission.give_back()


def _charges(subject: str, address: str, known_device: str | None) -> list[ActCharge]:
    everywhere = ActCharge(LimitedAct.SIGN_IN, subject, Limit(ATTEMPTS_EVERYWHERE, _WINDOW_MS))
    if known_device is not None:
        return [everywhere._replace(name=f"device:{_hashed(known_device)}")]
    here = Limit(ATTEMPTS_ADDRESS, _WINDOW_MS)
    return [everywhere._replace(limit=here, name=address_range(address)), everywhere]


def _hashed(text: str) -> str:
    """E-mail addresses are not stored in Redis."""
    return blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()
