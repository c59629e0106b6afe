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


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-31t12:00:00.123456z", NOON),
        ("2026-01-31T12:00:00.1234569Z", NOON),
        ("2026-01-31T06:30:00.123456-05:30", NOON),
        ("2026-01-31T12:00:00.123456-00:00", NOON),
        ("2026-01-31T12:00:00.5Z", NOON.replace(microsecond=500_000)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2017-01-01T01:59:60+02:00", datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_by_the_grammar_of_rfc_3339(text: str, instant: datetime) -> None:
    assert read_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        *("2026-01-31T12:00:00", "2026-01-31", "noon", "", 1_769_860_800, None),
        *("20261201T000000Z", "2026-W49-1T00:00:00Z", "2026-12-01T00Z", "2026-12-01_00:00:00Z"),
        *("2026-12-01T00:00:00,5Z", "2026-12-01 00:00:00Z", "2026-12-01T00:00Z", "2026-12-01T00:00:00.Z"),
        *(
            "2026-12-01T00:00:00+0200",
            "2026-12-01T00:00:00+02",
            "2026-12-01T00:00:00+24:00",
            "2026-12-01T00:00:00+02:60",
        ),
        *("٢026-12-01T00:00:00Z", " 2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z\n", "+2026-12-01T00:00:00Z"),
    ],
)
def test_an_instant_in_another_form_is_refused_in_our_words(text: object) -> None:
    with pytest.raises(ValueError, match=r"^DateTime is an instant of RFC 3339, such as"):
        read_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-12-01T24:00:00Z", "2026-12-01T00:60:00Z"),
        *("2026-12-01T00:00:61Z", "2026-12-01T12:00:60Z", "0000-01-01T00:00:00Z"),
        *("0001-01-01T00:00:00+01:00", "9999-12-31T23:00:00-02:00", "9999-12-31T23:59:60Z"),
    ],
)
def test_an_instant_that_does_not_exist_is_refused_in_our_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"^DateTime names a day or time that does not exist\.$"):
        read_instant(text)


def test_a_day_is_read() -> None:
    assert read_day("2026-01-31") == date(2026, 1, 31)


@pytest.mark.parametrize(
    "text", ["2026-1-31", "2026-W05-6", "20260131", "2026-01-31T12:00:00Z", "٢026-01-31", 0, "2026-01-31\n"]
)
def test_a_day_in_another_form_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"^Date is a string such as"):
        read_day(text)


@pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "2026-00-01", "0000-01-01", "2025-02-29"])
def test_a_day_that_does_not_exist_is_refused_in_our_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"^Date names a day that does not exist\.$"):
        read_day(text)
