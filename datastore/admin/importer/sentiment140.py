"""Parses Sentiment140, a tweet per line: `polarity,id,date,query,handle,text`, CSV in UTF-8.

Its texts are encoded twice and hold HTML entities; parsing restores what was written.
"""

import csv
import html
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import msgspec

from core.ids import EPOCH_MS, wall_ms
from core.text.text import TextError, clean_handle, clean_tweet_text
from datastore.admin.importer.sources import BadLineError

_COLUMNS: Final = 6
_DATE: Final = "%a %b %d %H:%M:%S %Y"
_DATE_WORDS: Final = 6
_ZONE_INDEX: Final = 4
# strptime knows no names of time zones but UTC and the local one.
_ZONES: Final = {
    "PDT": timezone(timedelta(hours=-7)),
    "PST": timezone(timedelta(hours=-8)),
    "UTC": UTC,
    "GMT": UTC,
}
# The author of the first tweet has to have joined before it.
_EARLIEST_MS: Final = EPOCH_MS + 24 * 3600 * 1000
_SHOWN: Final = 40


class SourceTweet(msgspec.Struct, frozen=True, gc=False):
    """`ms`: Unix milliseconds. `text` is normalized."""

    ms: int
    handle: str
    text: str


def parse_tweet(line: bytes) -> SourceTweet:
    """Ignores polarity, id and query. Raises BadLineError."""
    columns = _columns(line)
    _, _, date, _, handle, text = columns
    try:
        return SourceTweet(_parse_date(date), clean_handle(handle), clean_tweet_text(as_written(text)))
    except TextError as error:
        raise BadLineError(error.message) from None


def as_written(text: str) -> str:
    """Undoes, once each, UTF-8 that was read as Latin-1 and encoded again, and HTML entities."""
    return html.unescape(text if text.isascii() else _encoded_once(text))


def _encoded_once(text: str) -> str:
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode()
        except UnicodeError:
            continue
    return text


def _columns(line: bytes) -> list[str]:
    try:
        columns = next(csv.reader([line.decode().rstrip("\r\n")], strict=True))
    except UnicodeDecodeError:
        raise BadLineError("it is not UTF-8") from None
    except csv.Error as error:
        raise BadLineError(f"it is not CSV ({error})") from None
    if len(columns) != _COLUMNS:
        raise BadLineError(f"it has {len(columns)} columns, not {_COLUMNS}")
    return columns


def _parse_date(date: str) -> int:
    ms = _ms_of(date)
    if ms is None:
        raise BadLineError(f"this is no date such as `Mon Apr 06 22:19:45 PDT 2009`: {date[:_SHOWN]!r}")
    if not _EARLIEST_MS <= ms <= wall_ms():
        raise BadLineError(f"this date lies before 2006 or in the future: {date!r}")
    return ms


def _ms_of(date: str) -> int | None:
    """Unix milliseconds; None where the text is no date."""
    words = date.split()
    zone = _ZONES.get(words.pop(_ZONE_INDEX)) if len(words) == _DATE_WORDS else None
    if zone is None:
        return None
    try:
        return int(datetime.strptime(" ".join(words), _DATE).replace(tzinfo=zone).timestamp()) * 1000
    except ValueError:
        return None
