"""Responses of one JSON value, by direct write where the server allows it."""

from collections.abc import Mapping

import msgspec
from starlette.types import Receive, Scope, Send

from transport.http.negotiation import MediaType
from transport.lifecycle.scope_state import reply_of
from transport.request import headers

_encode = msgspec.json.Encoder().encode
_HEADS = {
    media: [
        *((name.encode(), value.encode()) for name, value in headers.API.items()),
        (b"content-type", f"{media}; charset=utf-8".encode()),
    ]
    for media in MediaType
}
_LINES = {media: b"".join([b"%s: %s\r\n" % header for header in head]) for media, head in _HEADS.items()}


class Reply:
    """An ASGI application that sends one answer. `more`: additional headers, names in lower case."""

    __slots__ = ("_body", "_media", "_more", "_status")

    def __init__(self, answer: object, media: MediaType, *, status: int, more: Mapping[str, str]) -> None:
        self._body, self._media, self._status, self._more = _encode(answer), media, status, more

    def parts(self) -> tuple[int, bytes, bytes]:
        """Status, header lines, body. Raises ValueError for a header with a line break."""
        head = self._head()
        if head is None:
            raise ValueError("A header has a line break.")
        return self._status, head, self._body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        head = self._head()
        if head is not None and reply_of(scope, send)(self._status, head, self._body):
            return
        named = [(name.encode(), value.encode("latin-1")) for name, value in self._lengthened().items()]
        start = {"type": "http.response.start", "status": self._status, "headers": [*_HEADS[self._media], *named]}
        await send(start)
        await send({"type": "http.response.body", "body": self._body})

    def _head(self) -> bytes | None:
        """None if a header has a line break: uvicorn refuses it."""
        more = self._lengthened()
        lines = "".join([f"{name}: {value}\r\n" for name, value in more.items()])
        is_sound = lines.count("\r") == lines.count("\n") == len(more)
        return _LINES[self._media] + lines.encode("latin-1") if is_sound else None

    def _lengthened(self) -> dict[str, str]:
        return {**self._more, "content-length": str(len(self._body))}
