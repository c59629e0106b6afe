"""Cursors of the home timeline: each comes back, and serves its own field alone."""

from types import SimpleNamespace
from typing import cast

import pytest

from core.cursors import CursorCodec
from core.errors import BadCursorError
from datastore.timelines.changes import StreamPosition
from resolvers.timelines.home_with_ads import HomePlace, RankedPlace
from resolvers.timelines.top import TopPlace
from schema.request.context import Info
from schema.values.connections import read_cursor, read_pair_cursor, write_cursor
from schema.values.timeline_cursors import (
    EVENTS,
    HOME,
    WITHHELD_IN_CURSOR,
    read_home_place,
    read_position,
    read_ranked_place,
    write_home_place,
    write_position,
    write_ranked_place,
)

INFO = cast(Info, SimpleNamespace(context=SimpleNamespace(services=SimpleNamespace(cursors=CursorCodec([b"key"])))))
POSITION = StreamPosition(3, 9)


@pytest.mark.parametrize("place", [HomePlace(7), HomePlace(7, 2)])
def test_a_place_in_the_latest_order_comes_back(place: HomePlace) -> None:
    assert read_home_place(INFO, write_home_place(INFO, place)) == place


@pytest.mark.parametrize("place", [RankedPlace(TopPlace(5, 40)), RankedPlace(TopPlace(5, 40), 2)])
def test_a_place_in_the_top_order_comes_back(place: RankedPlace) -> None:
    assert read_ranked_place(INFO, write_ranked_place(INFO, place)) == place


@pytest.mark.parametrize("withheld", [[], [8, 6], list(range(WITHHELD_IN_CURSOR, 0, -1))])
def test_a_position_comes_back_with_withheld_items(withheld: list[int]) -> None:
    cursor = write_cursor(INFO, EVENTS, *POSITION, *withheld)
    position, items = read_position(INFO, cursor)
    assert (position, list(items)) == (POSITION, withheld)
    assert read_position(INFO, write_position(INFO, POSITION)) == (POSITION, [])


def test_a_cursor_serves_its_own_field_alone() -> None:
    home, ranked = write_home_place(INFO, HomePlace(7)), write_ranked_place(INFO, RankedPlace(TopPlace(5, 40)))
    for read, cursor in ((read_home_place, ranked), (read_ranked_place, home), (read_position, home)):
        with pytest.raises(BadCursorError):
            read(INFO, cursor)


def test_a_negative_place_is_refused() -> None:
    for read in (lambda cursor: read_home_place(INFO, cursor), lambda cursor: read_cursor(INFO, HOME, cursor)):
        with pytest.raises(BadCursorError):
            read(write_cursor(INFO, HOME, -1))


def test_cursors_of_lists_come_back_and_none_is_the_start() -> None:
    assert read_cursor(INFO, "Query.list", write_cursor(INFO, "Query.list", 7)) == 7
    assert read_pair_cursor(INFO, "Query.list", write_cursor(INFO, "Query.list", 7, 8)) == (7, 8)
    assert (read_cursor(INFO, "Query.list", None), read_pair_cursor(INFO, "Query.list", None)) == (None, None)
    with pytest.raises(BadCursorError):
        read_pair_cursor(INFO, "Query.list", write_cursor(INFO, "Query.list", 7))
