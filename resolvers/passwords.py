"""Hashes and checks passwords in a few threads, so that the event loop is not blocked.

Sign-ins and sign-ups wait in queues of their own, and each address has a share of them.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import StrEnum
from typing import TypeVar

from core.auth.passwords import hash_password, password_matches
from core.errors import RateLimitedError
from core.limits import LimitedAct
from core.network.address_ranges import address_range
from core.runtime.fair_queue import FairQueue, QueueFullError

T = TypeVar("T")

THREADS = min(4, os.cpu_count() or 1)
MOST_WAITING = 256
"""For each purpose: the last one waits about 3 s on two cores, less than an operation may take."""
MOST_FROM_ONE_ADDRESS = 16
_RETRY_SECONDS = 3


class Purpose(StrEnum):
    """Each has a queue of its own. SIGN_IN is for everybody who has an account."""

    SIGN_IN = "sign_in"
    SIGN_UP = "sign_up"


class Passwords:
    """`address` is that of the client. Raises RateLimitedError when too many calls wait, from it or from everywhere."""

    def __init__(self, pool: ThreadPoolExecutor, *, threads: int = THREADS, is_shared_out: bool = True) -> None:
        """`is_shared_out`: whether an address has a share; else it may fill the whole queue."""
        most_per_client = MOST_FROM_ONE_ADDRESS if is_shared_out else MOST_WAITING
        self._queue = FairQueue(pool, threads=threads, most_waiting=MOST_WAITING, most_per_client=most_per_client)
        self._dummy_hash = hash_password("the password of nobody")

    async def hash(self, password: str, purpose: Purpose, *, address: str) -> str:
        return await self._run(purpose, address, lambda: hash_password(password))

    async def verify(self, password_hash: str | None, password: str, *, address: str) -> bool:
        """A `password_hash` of None, for an unknown account, gives False after the same work."""
        known = password_hash or self._dummy_hash
        matches = await self._run(Purpose.SIGN_IN, address, lambda: password_matches(known, password))
        return matches and bool(password_hash)

    async def _run(self, purpose: Purpose, address: str, work: Callable[[], T]) -> T:
        try:
            return await self._queue.run(purpose, address_range(address), work)
        except QueueFullError:
            message = f"Too many sign-ins at the moment. Try again in {_RETRY_SECONDS} s."
            raise RateLimitedError(message, _RETRY_SECONDS, LimitedAct[purpose.name]) from None


@contextmanager
def open_passwords(*, is_shared_out: bool) -> Iterator[Passwords]:
    with ThreadPoolExecutor(THREADS, "passwords") as pool:
        yield Passwords(pool, is_shared_out=is_shared_out)
