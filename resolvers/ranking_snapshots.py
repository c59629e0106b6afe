"""Snapshots of a ranking, so that later pages continue in the order that the first page showed, though scores move."""

from collections.abc import Sequence

import structlog

from core.errors import UnavailableError
from core.ids import UserId
from datastore.timelines.ranking_snapshots import RankedRow
from datastore.timelines.stores import TimelineStores

NO_SNAPSHOT = 0
_log = structlog.get_logger()


async def read_snapshot(timelines: TimelineStores, user_id: UserId, number: int) -> list[RankedRow] | None:
    """None for NO_SNAPSHOT, for one that has expired, and without Redis."""
    if number == NO_SNAPSHOT:
        return None
    try:
        return await timelines.ranking_snapshots.get(user_id, number)
    except UnavailableError:
        return None


async def save_snapshot(timelines: TimelineStores, user_id: UserId, rows: Sequence[RankedRow]) -> int:
    """The snapshot's number; NO_SNAPSHOT without Redis."""
    try:
        return await timelines.ranking_snapshots.insert(user_id, list(rows))
    except UnavailableError as error:
        _log.warning("ranking not kept", error=repr(error))
        return NO_SNAPSHOT
