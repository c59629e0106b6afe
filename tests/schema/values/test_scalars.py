"""DateTime and Date: what is written, what is read, what is refused."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from schema.values.scalars import read_day, read_instant, write_instant

NOON = datetime(2026, 1, 31, 12, 0, 0, 123_456, tzinfo=UTC)


def test_an_instant_is_written_in_utc_with_milliseconds() -> None:
    assert write_instant(NOON) == "2026-01-31T12:00:00.123Z"
    assert write_instant(NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))) == "2026-01-31T12:00:00.123Z"
    assert write_instant(NOON.replace(microsecond=0)) == "2026-01-31T12:00:00.000Z"


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00.123456Z", "2026-01-31T17:30:00.123456+05:30"])
def test_an_instant_with_an_offset_is_read_as_utc(text: str) -> None:
    assert read_instant(text) == NOON
    assert read_instant(text).tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00", "2026-01-31", "noon", "", 1_769_860_800, None])
def test_an_instant_without_an_offset_or_in_another_form_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"DateTime|Invalid isoformat"):
        read_instant(text)


def test_a_day_is_read() -> None:
    assert read_day("2026-01-31") == date(2026, 1, 31)


@pytest.mark.parametrize(
    "text", ["2026-1-31", "2026-W05-6", "20260131", "2026-01-31T12:00:00Z", "2026-02-30", "٢026-01-31", 0]
)
def test_a_day_in_another_form_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"Date is a string|day is out of range"):
        read_day(text)
