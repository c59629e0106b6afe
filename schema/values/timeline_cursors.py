"""Cursors of the home timeline: of its pages in both orders, and of its live events."""

from collections.abc import Sequence

from core.errors import BadCursorError
from datastore.timelines.changes import StreamPosition
from resolvers.timelines.home_with_ads import HomePlace, RankedPlace
from resolvers.timelines.top import TopPlace
from schema.request.context import Info
from schema.values.connections import write_cursor

HOME, TOP = "Query.homeTimeline", "Query.homeTimeline(TOP)"
EVENTS = "Subscription.homeTimelineEvents"
WITHHELD_IN_CURSOR = 16
"""Most withheld items in a cursor of live events: few are withheld, and cursors stay short."""


def read_home_place(info: Info, cursor: str) -> HomePlace:
    """Raises BadCursorError for any other cursor than that of a LATEST page."""
    item, *passed = info.context.services.cursors.decode(HOME, cursor, 1, 2)
    if item < 0:
        raise BadCursorError(cursor)
    return HomePlace(item, *passed)


def write_home_place(info: Info, place: HomePlace) -> str:
    item, passed = place
    return write_cursor(info, HOME, item) if passed is None else write_cursor(info, HOME, item, passed)


def read_ranked_place(info: Info, cursor: str) -> RankedPlace:
    """Raises BadCursorError for any other cursor than that of a TOP page."""
    snapshot, position, *passed = info.context.services.cursors.decode(TOP, cursor, 2, 3)
    return RankedPlace(TopPlace(snapshot, position), *passed)


def write_ranked_place(info: Info, place: RankedPlace) -> str:
    counted = () if place.passed is None else (place.passed,)
    return info.context.services.cursors.encode(TOP, place.top.snapshot, place.top.position, *counted)


def read_position(info: Info, cursor: str) -> tuple[StreamPosition, Sequence[int]]:
    """Position in the event log, and items before it that were withheld from the viewer, newest first.

    Raises BadCursorError for any other cursor.
    """
    epoch, offset, *more = info.context.services.cursors.decode(EVENTS, cursor, 2, *range(3, 4 + WITHHELD_IN_CURSOR))
    return StreamPosition(epoch, offset, *more[:1]), more[1:]


def write_position(info: Info, position: StreamPosition) -> str:
    """Cursor of live events from `position` on."""
    return write_cursor(info, EVENTS, *position)
