"""Parts of a file: each form of a Range header, and each answer."""

from typing import Any

import pytest
from starlette.requests import Request

from transport.http.ranges import UnsatisfiableRangeError, range_of, ranged_response

CONTENT, ETAG = b"0123456789", '"abc"'


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("", None),
        ("bytes=0-0", range(1)),
        ("bytes=2-4", range(2, 5)),
        (" bytes=2-4 ", range(2, 5)),
        ("bytes=7-", range(7, 10)),
        ("bytes=9-9", range(9, 10)),
        ("bytes=5-99", range(5, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-99", range(10)),
        ("bytes=4-2", None),
        ("bytes=12-11", None),
        ("bytes=0-1,3-4", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=1-9999999999999999", None),
        ("lines=1-2", None),
    ],
)
def test_range_is_read(header: str | None, wanted: range | None) -> None:
    assert range_of(header, len(CONTENT)) == wanted


@pytest.mark.parametrize(
    ("header", "length"), [("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_range_behind_the_end_is_refused(header: str, length: int) -> None:
    with pytest.raises(UnsatisfiableRangeError):
        range_of(header, length)


@pytest.mark.parametrize(
    ("headers", "status", "body", "content_range"),
    [
        ({}, 200, CONTENT, None),
        ({"range": "bytes=2-4"}, 206, b"234", "bytes 2-4/10"),
        ({"range": "bytes=-2", "if-range": ETAG}, 206, b"89", "bytes 8-9/10"),
        ({"range": "bytes=2-4", "if-range": '"older"'}, 200, CONTENT, None),
        ({"range": "bytes=2-4", "if-range": f"W/{ETAG}"}, 200, CONTENT, None),
        ({"range": "bytes=10-"}, 416, b"", "bytes */10"),
        ({"if-none-match": ETAG}, 304, b"", None),
        ({"if-none-match": f'"other", W/{ETAG}', "range": "bytes=2-4"}, 304, b"", None),
        ({"if-none-match": '"other"'}, 200, CONTENT, None),
    ],
)
def test_answer(headers: dict[str, str], status: int, body: bytes, content_range: str | None) -> None:
    answer = ranged_response(request_with(headers), CONTENT, ETAG, {"x-kept": "yes"})
    assert (answer.status_code, answer.body, answer.headers.get("content-range")) == (status, body, content_range)
    assert (answer.headers["etag"], answer.headers["accept-ranges"], answer.headers["x-kept"]) == (ETAG, "bytes", "yes")


def request_with(headers: dict[str, str]) -> Request:
    scope: dict[str, Any] = {
        "type": "http",
        "headers": [(name.encode(), one.encode()) for name, one in headers.items()],
    }
    return Request(scope)
