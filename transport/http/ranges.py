"""Responses with a part of the content (RFC 9110, section 14): one range; several, or a broken one, give the whole."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_ONE_RANGE: Final = re.compile(r"bytes=(?:(\d{1,15})-(\d{1,15})?|-(\d{1,15}))")


class UnsatisfiableRangeError(Exception):
    """The range lies behind the end of the content."""


def range_of(header: str | None, length: int) -> range | None:
    """Places of the bytes asked for; None for the whole content. Raises UnsatisfiableRangeError."""
    found = _ONE_RANGE.fullmatch((header or "").strip())
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        start, stop = max(length - int(suffix), 0), length
    else:
        start, stop = int(first), length if last is None else min(int(last) + 1, length)
        if last is not None and int(last) < start:
            return None
    if start >= stop:
        raise UnsatisfiableRangeError
    return range(start, stop)


def ranged_response(request: Request, content: bytes, etag: str, head: Mapping[str, str]) -> Response:
    """200, 206, 304 or 416 for a GET or HEAD; `etag` is strong and with its quotes."""
    answered = {**head, "etag": etag, "accept-ranges": "bytes"}
    if etag in _etags(request.headers.get("if-none-match", "")):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=answered)
    is_current = request.headers.get("if-range", etag) == etag
    try:
        wanted = range_of(request.headers.get("range"), len(content)) if is_current else None
    except UnsatisfiableRangeError:
        answered["content-range"] = f"bytes */{len(content)}"
        return Response(status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=answered)
    if wanted is None:
        return Response(content, headers=answered)
    answered["content-range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{len(content)}"
    return Response(content[wanted.start : wanted.stop], status_code=HTTPStatus.PARTIAL_CONTENT, headers=answered)


def _etags(header: str) -> list[str]:
    return [etag.strip().removeprefix("W/") for etag in header.split(",")]
