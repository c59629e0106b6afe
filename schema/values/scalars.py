"""Scalars: DateTime as RFC 3339 in UTC with a trailing Z, Date as YYYY-MM-DD."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import strawberry
from strawberry.types.scalar import ScalarDefinition

from core.errors import ValueFormatError

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# The grammar of RFC 3339, 5.6.
_INSTANT = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})[Tt]"
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?"
    r"(?:[Zz]|(?P<sign>[+\-])(?P<ahead_hours>[01][0-9]|2[0-3]):(?P<ahead_minutes>[0-5][0-9]))"
)


def write_instant(instant: datetime) -> str:
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def read_instant(text: object) -> datetime:
    """Raises ValueFormatError unless `text` is a date-time of RFC 3339. Digits after microseconds are cut off."""
    found = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueFormatError(
            "DateTime is an instant of RFC 3339, such as 2026-01-31T12:00:00Z or 2026-01-31T12:00:00.5+02:00."
        )
    try:
        return _instant(found)
    except (ValueError, OverflowError):
        raise ValueFormatError("DateTime names a day or time that does not exist.") from None


def read_day(text: object) -> date:
    """Raises ValueFormatError unless `text` is a day as YYYY-MM-DD."""
    if not isinstance(text, str) or not _DAY.fullmatch(text):  # Python also reads weeks: 2026-W05-6
        raise ValueFormatError("Date is a string such as 2026-01-31.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueFormatError("Date names a day that does not exist.") from None


def _instant(found: re.Match[str]) -> datetime:
    """Raises ValueError or OverflowError for what does not exist, such as a leap second that is not at 23:59:60 UTC."""
    leap = timedelta(seconds=found["second"] == "60")
    year, month, day, hour, minute = (int(found[name]) for name in ("year", "month", "day", "hour", "minute"))
    second = int(found["second"]) - leap.seconds
    fraction = int((found["fraction"] or "")[:6].ljust(6, "0"))
    instant = datetime(year, month, day, hour, minute, second, fraction, _offset(found)).astimezone(UTC)
    if leap and (instant.hour, instant.minute) != (23, 59):
        raise ValueError(second)
    return instant + leap


def _offset(found: re.Match[str]) -> timezone:
    if found["sign"] is None:
        return UTC
    ahead = timedelta(hours=int(found["ahead_hours"]), minutes=int(found["ahead_minutes"]))
    return timezone(-ahead if found["sign"] == "-" else ahead)


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, RFC 3339. Answers are in UTC, with milliseconds and a trailing Z; inputs in any zone.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=write_instant,
        parse_value=read_instant,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day, YYYY-MM-DD: full-date of RFC 3339.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=date.isoformat,
        parse_value=read_day,
    ),
}
