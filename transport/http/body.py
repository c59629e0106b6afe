"""Reads request bodies: JSON in UTF-8, its size limited by the bytes that arrive, not by the headers."""

from starlette.requests import ClientDisconnect, Request

from core.runtime.deadlines import Deadlines
from transport.lifecycle.scope_state import body_of
from transport.limits.limits import Limits
from transport.request.graphql_request import RequestError

READ_SECONDS = 10.0
LONGEST_LENGTH = 12
UTF_8 = ("utf-8", "utf8")
"""Compared, not looked up: Python imports a module for each name that it does not know."""
_reading = Deadlines(READ_SECONDS)


async def read_body(request: Request, limits: Limits) -> bytes:
    """Raises RequestError: 415 unless it is plain JSON in UTF-8, 413 if too large, 408 if too slow, 400 if cut off."""
    _check_type(request.headers.get("content-type", ""))
    if request.headers.get("content-encoding", "identity") != "identity":
        raise RequestError(415, "Send the body as it is, without a content encoding.")
    _check_length(request.headers.get("content-length", ""), limits)
    if (whole := body_of(request.scope)) is not None:
        return whole
    try:
        with _reading.limit():
            return await _read(request, limits)
    except TimeoutError:
        raise RequestError(408, "The body took too long to arrive.", headers={"connection": "close"}) from None
    except ClientDisconnect:
        raise RequestError(400, "The body did not arrive whole.") from None


def _check_type(content_type: str) -> None:
    if content_type == "application/json":
        return
    name, *parameters = (part.strip() for part in content_type.split(";"))
    if name.lower() != "application/json":
        raise RequestError(415, "Send the request as application/json.", headers={"accept": "application/json"})
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.lower() == "charset" and value.strip('"').lower() not in UTF_8:
            raise RequestError(415, "Send the request in UTF-8.")


def _check_length(length: str, limits: Limits) -> None:
    if length.isascii() and length.isdigit() and (len(length) > LONGEST_LENGTH or int(length) > limits.body_bytes):
        raise _too_large(limits)


async def _read(request: Request, limits: Limits) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limits.body_bytes:
            raise _too_large(limits)
    return bytes(body)


def _too_large(limits: Limits) -> RequestError:
    return RequestError(413, f"A body may have {limits.body_bytes:,} bytes.", headers={"connection": "close"})
