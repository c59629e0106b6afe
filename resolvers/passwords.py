"""Passwords are hashed and checked in a bounded pool of threads, so that the event loop goes on."""

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
    """At most `_WAITING` calls at a time; beyond that they are refused with RATE_LIMITED."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._under_way = 0
        self._nobodys = hash_password("the password of nobody")

    async def hash(self, password: str) -> str:
        return await self._run(lambda: hash_password(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """None stands for nobody's hash: False, after the same work as for somebody's."""
        matches = await self._run(lambda: password_matches(password_hash or self._nobodys, password))
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
