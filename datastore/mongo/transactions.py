"""Transactions over either driver: repeated when MongoDB asks for it, and ended at the server however they end here."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import pymongo
from pymongo.errors import PyMongoError

from core.settings import MongoDriver

T = TypeVar("T")
TRANSIENT: Final = "TransientTransactionError"
_LONGEST_PAUSE_SECONDS = 0.05
_LEAST_SECONDS, _ABORT_SECONDS = 0.1, 0.5


async def run_transaction(
    client: Any,
    driver: MongoDriver,
    act: Callable[[Any], Awaitable[T]],
    deadline: float,
) -> T:
    """Retries until the deadline (monotonic seconds); the drivers' own with_transaction retries for two minutes."""
    started = client.start_session()
    async with started if driver is MongoDriver.PYMONGO else await started as session:
        while True:
            try:
                return await _once(session, driver, act, max(deadline - time.monotonic(), _LEAST_SECONDS))
            except PyMongoError as error:
                if not error.has_error_label(TRANSIENT) or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))  # noqa: S311 - no secret


async def _once(session: Any, driver: MongoDriver, act: Callable[[Any], Awaitable[T]], seconds: float) -> T:
    """The drivers abort in the time that is left: one that took too long would keep its locks at the server."""
    started = session.start_transaction()
    if driver is MongoDriver.PYMONGO:
        await started
    try:
        with pymongo.timeout(seconds):
            result = await act(session)
            await session.commit_transaction()
            return result
    finally:
        if session.in_transaction:
            with pymongo.timeout(_ABORT_SECONDS):
                await session.abort_transaction()
