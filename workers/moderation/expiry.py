"""Revokes decisions whose time is over."""

import asyncio

import structlog

from core.errors import UnavailableError
from datastore.jobs.queue import enqueue
from datastore.moderation.decisions import Revocation
from datastore.moderation.log import LogLine
from datastore.stores import Stores

EVERY_SECONDS = 1.0
_AT_ONCE = 100
_log = structlog.get_logger()


async def revoke_expired(stores: Stores, stop: asyncio.Event, *, every_seconds: float = EVERY_SECONDS) -> None:
    """Until `stop` is set. Any number may run: each decision ends once."""
    while not stop.is_set():
        try:
            while await sweep(stores) == _AT_ONCE:
                pass
        except UnavailableError as error:
            _log.warning("ended decisions not looked for", error=repr(error))
        try:
            await asyncio.wait_for(stop.wait(), every_seconds)
        except TimeoutError:
            continue


async def sweep(stores: Stores) -> int:
    """Returns how many were over."""
    expired = await stores.moderation.decisions.expired(_AT_ONCE)
    for decision in expired:
        act_id, kind = stores.ids(), str(decision.subject.kind)
        line = LogLine(act_id, None, f"END {decision.action}", (kind, decision.subject.id))
        job = await stores.moderation.decisions.revoke(decision.id, Revocation(act_id, line))
        if job is not None:
            await enqueue(stores.jobs.redis, job)
    return len(expired)
