"""Passwords as argon2id hashes, made and checked in a bounded pool of threads so that the event loop goes on."""

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import CodedError, ErrorCode

T = TypeVar("T")

# RFC 9106 and OWASP's second recommendation: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_THREADS = min(4, os.cpu_count() or 1)
_WAITING = 256


class Passwords:
    """At most `_WAITING` calls at a time; beyond that they are refused with RATE_LIMITED."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._under_way = 0
        self._nobodys = _HASHER.hash("the password of nobody")

    async def hash(self, password: str) -> str:
        return await self._run(lambda: _HASHER.hash(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """None stands for nobody's hash: False, after the same work as for somebody's."""
        return await self._run(lambda: _matches(password_hash or self._nobodys, password)) and password_hash is not None

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


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
