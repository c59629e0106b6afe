"""Changes of an event log as a stream that can be left and resumed: the log is the truth, the bell the doorbell.

The stream joins the bell first and then reads the log, so that nothing falls between. A lost ring costs time alone.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import structlog

from core.errors import UnavailableError
from core.ids import UserId
from core.tasks import goes_on
from core.tokens import utc_now
from datastore.events import Change, EventLog
from datastore.timelines import LogPlace
from subscriptions.broadcast import ResilientBroadcast

_LOOK_EVERY_SECONDS = 5.0
_RETRY_SECONDS = 0.25
_UPKEEP_SECONDS = 30.0
_AT_ONCE = 100
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Watch:
    """Whose changes are wanted, and from where on. `stay_live` is called every half minute while they are watched."""

    user_id: UserId
    after: LogPlace | None
    stay_live: Callable[[], Awaitable[None]] | None = None


async def changes(events: EventLog[Change], broadcast: ResilientBroadcast, watch: Watch) -> AsyncIterator[Change]:
    """All changes after the place, or from now on, for ever. Goes on by itself after Redis was away.

    Where the log does not reach back, a reset stands for what is missing.
    """
    user_id, clock = watch.user_id, asyncio.get_running_loop().time
    with broadcast.listen(events.bell(user_id)) as bell:
        place = watch.after if watch.after is not None else await _head(events, user_id)
        upkeep_due = clock()
        while goes_on():
            if watch.stay_live is not None and clock() >= upkeep_due:
                await watch.stay_live()
                upkeep_due = clock() + _UPKEEP_SECONDS
            try:
                log = await events.range(user_id, place, _AT_ONCE)
            except UnavailableError as error:
                _log.warning("event log away", error=repr(error))
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            found = log.changes if log.changes is not None else [events.reset(log.head, utc_now())]
            for change in found:
                place = change.place
                yield change
            if not found:
                await bell.wait(_LOOK_EVERY_SECONDS)


async def _head(events: EventLog[Change], user_id: UserId) -> LogPlace:
    while goes_on():
        try:
            return await events.head(user_id)
        except UnavailableError:
            await asyncio.sleep(_RETRY_SECONDS)
    raise asyncio.CancelledError
