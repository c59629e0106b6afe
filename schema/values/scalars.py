"""Scalars: DateTime as RFC 3339 in UTC with a trailing Z, Date as YYYY-MM-DD."""

import re
from datetime import UTC, date, datetime

import strawberry
from strawberry.types.scalar import ScalarDefinition

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def write_instant(instant: datetime) -> str:
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def read_instant(text: object) -> datetime:
    """Raises ValueError unless `text` is a date and time with an offset."""
    if not isinstance(text, str):
        raise ValueError("DateTime is a string such as 2026-01-31T12:00:00Z.")  # noqa: TRY004 - a client's fault
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("DateTime needs an offset, such as Z.")
    return instant.astimezone(UTC)


def read_day(text: object) -> date:
    """Raises ValueError unless `text` is a day as YYYY-MM-DD."""
    if not isinstance(text, str) or not _DAY.fullmatch(text):  # Python also reads weeks: 2026-W05-6
        raise ValueError("Date is a string such as 2026-01-31.")
    return date.fromisoformat(text)


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC, RFC 3339 with a trailing Z.",
        serialize=write_instant,
        parse_value=read_instant,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day, YYYY-MM-DD.",
        serialize=date.isoformat,
        parse_value=read_day,
    ),
}
