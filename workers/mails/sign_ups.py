"""Deletes sign-ups that were not verified in time, so that their handles are free again."""

import asyncio

import structlog

from core.errors import UnavailableError
from datastore.jobs.jobs import DeleteAccount
from datastore.jobs.queue import enqueue
from datastore.stores import Stores

EVERY_SECONDS = 30.0
_AT_ONCE = 100
_log = structlog.get_logger()


async def delete_expired_sign_ups(stores: Stores, stop: asyncio.Event, *, every_seconds: float = EVERY_SECONDS) -> None:
    """Until `stop` is set. Any number may run."""
    while not stop.is_set():
        try:
            await _sweep(stores)
        except UnavailableError as error:
            _log.warning("sign-ups not looked through", error=repr(error))
        try:
            await asyncio.wait_for(stop.wait(), every_seconds)
        except TimeoutError:
            continue


async def _sweep(stores: Stores) -> None:
    for user_id in await stores.users.accounts.expired_sign_ups(_AT_ONCE):
        act = DeleteAccount(stores.ids(), user_id)
        if await stores.users.accounts.begin_deletion(act, only_expired=True):
            await enqueue(stores.jobs.redis, act)
