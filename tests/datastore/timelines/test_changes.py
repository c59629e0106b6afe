"""Entries of event logs: what makes positions and changes equal."""

from datetime import UTC, datetime

from datastore.timelines.changes import (
    NO_POSITION,
    ChangeKind,
    NotificationChange,
    NotificationChangeKind,
    StreamPosition,
    TimelineChange,
)

AT = datetime(2030, 1, 1, tzinfo=UTC)


def test_positions_are_equal_whatever_their_stamps() -> None:
    assert StreamPosition(7, 3, 1_000) == StreamPosition(7, 3) == (7, 3)
    assert len({StreamPosition(7, 3, 1_000), StreamPosition(7, 3, 2_000)}) == 1
    for other in (StreamPosition(7, 4), StreamPosition(8, 3), NO_POSITION, None):
        assert StreamPosition(7, 3) != other


def test_a_change_in_the_log_of_another_user_differs_by_its_position_alone() -> None:
    here, there = StreamPosition(7, 3, 1_000), StreamPosition(9, 0, 2_000)
    added = TimelineChange(here, AT, ChangeKind.ADDED, 5)
    counted = NotificationChange(here, AT, NotificationChangeKind.COUNT, version=4)
    for change in (added, counted):
        moved = change.at_position(there)
        assert (type(moved), moved.position, moved.content) == (type(change), there, change.content)
    assert added.content != added._replace(item_id=6).content
    assert counted.content != counted._replace(version=5).content
