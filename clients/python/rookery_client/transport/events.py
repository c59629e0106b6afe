"""Each subscription as server-sent events of a request of its own, for where websockets are blocked."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

import httpx
import msgspec

from rookery_client.errors import RookeryError, SignedOutError, TokenRefusedError
from rookery_client.operation import Operation
from rookery_client.transport.decoding import Answer, UnknownTypeError, data_of
from rookery_client.transport.http import Http

Variables = TypeVar("Variables")
Data = TypeVar("Data")
# The server sends something every 12 s.
_TIMES = httpx.Timeout(15.0, read=30.0)


async def streamed(
    http: Http, operation: Operation[Variables, Data], variables: Variables, token: str | None
) -> AsyncGenerator[Data]:
    """Ends where the server completes it, or the connection ends. Raises a RookeryError."""
    request = http.request(operation, variables, token, "text/event-stream")
    request.extensions["timeout"] = _TIMES.as_dict()
    try:
        reply = await http.client.send(request, stream=True)
        try:
            async for answer in _answers(reply):
                try:
                    data = data_of(operation, answer)
                except UnknownTypeError:
                    continue
                yield data
        finally:
            await reply.aclose()
    except SignedOutError as error:
        raise TokenRefusedError(token) from error
    except (httpx.HTTPError, msgspec.DecodeError) as error:
        raise RookeryError("NETWORK", str(error) or type(error).__name__) from error


async def _answers(reply: httpx.Response) -> AsyncIterator[Answer]:
    """Those of `next` events, until `complete`; others are passed over. A refusal is a single answer."""
    if not reply.headers.get("content-type", "").startswith("text/event-stream"):
        yield msgspec.json.decode(await reply.aread(), type=Answer)
        return
    name = data = ""
    async for line in _lines(reply):
        key, _, value = line.partition(":")
        if key == "event":
            name = value.strip()
        elif key == "data":
            data = value.strip()
        elif not line:
            if name == "complete":
                return
            if name == "next":
                yield msgspec.json.decode(data, type=Answer)
            name = data = ""


async def _lines(reply: httpx.Response) -> AsyncIterator[str]:
    """Those that end; JSON may hold letters at which httpx would break lines, such as U+2028."""
    begun = b""
    async for part in reply.aiter_bytes():
        *lines, begun = (begun + part).split(b"\n")
        for line in lines:
            yield line.rstrip(b"\r").decode()
