"""Hashes and checks passwords in a bounded thread pool, so that the event loop is not blocked."""

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from core.auth.passwords import hash_password, password_matches
from core.errors import CodedError, ErrorCode

T = TypeVar("T")

_THREADS = min(4, os.cpu_count() or 1)
_WAITING = 256


class Passwords:
    """At most `_WAITING` calls at a time; further ones raise CodedError RATE_LIMITED."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._under_way = 0
        self._dummy_hash = hash_password("the password of nobody")

    async def hash(self, password: str) -> str:
        return await self._run(lambda: hash_password(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """A `password_hash` of None, for an unknown account, gives False after the same work."""
        matches = await self._run(lambda: password_matches(password_hash or self._dummy_hash, password))
        return matches and bool(password_hash)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._under_way >= _WAITING:
            raise CodedError(ErrorCode.RATE_LIMITED, "Too many sign-ins at the moment. Try again in a few seconds.")
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._under_way -= 1


@contextmanager
def open_passwords() -> Iterator[Passwords]:
    with ThreadPoolExecutor(_THREADS, "passwords") as pool:
        yield Passwords(pool)
