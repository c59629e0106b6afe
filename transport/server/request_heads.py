"""Limits of request heads: bytes, lines, and the time in which a head arrives. uvicorn has none of its own."""

from collections.abc import Callable
from http import HTTPStatus

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from transport.limits.limits import Limits

_COLON_AND_END = 4
_MESSAGES = {
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The head of the request is too large.",
    HTTPStatus.REQUEST_TIMEOUT: "The head of the request took too long to arrive.",
}


class LimitedHeads(HttpToolsProtocol):
    """A head over the limits is answered with 431, a slow one with 408, and its connection is closed."""

    _is_in_head = False
    _head_bytes = _head_lines = _heads_completed = _unparsed_bytes = 0
    _cancel_deadline: Callable[[], None] | None = None
    _status = HTTPStatus.BAD_REQUEST

    @property
    def head_limits(self) -> Limits:
        raise NotImplementedError

    def connection_made(self, transport: object) -> None:
        super().connection_made(transport)  # type: ignore[arg-type] # as asyncio declares it
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        completed = self._heads_completed
        before = self._unparsed_bytes if self._is_in_head else 0
        self._unparsed_bytes = before + len(data) if self._is_in_head or self._is_idle else 0
        super().data_received(data)
        if self._heads_completed > completed:  # what is left may begin another head, behind a body of any length
            self._unparsed_bytes = 0
        if self.transport.is_closing() or self._is_upgraded:
            return
        if self._is_in_head and self._unparsed_bytes > self.head_limits.head_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._is_idle and self._cancel_deadline is None:
            self._start_deadline()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin_head()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_lines += 1
        self._count(len(name) + len(value) + _COLON_AND_END)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._complete_head()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        if self._status is HTTPStatus.BAD_REQUEST:
            super().send_400_response(msg)
        else:
            self._refuse(self._status)

    @property
    def _is_idle(self) -> bool:
        """Whether no request is answered: all bytes that come belong to a head, or to the rest of an answered body."""
        return self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr] # None at first

    @property
    def _is_upgraded(self) -> bool:
        """Whether the connection has become a websocket's, whose bytes are no heads."""
        return self.transport.get_protocol() is not self

    def _begin_head(self) -> None:
        self._is_in_head = True
        self._head_bytes = self._head_lines = 0

    def _complete_head(self) -> None:
        self._is_in_head, self._heads_completed = False, self._heads_completed + 1
        self._stop_deadline()

    def _count(self, size: int) -> None:
        self._head_bytes += size
        limits = self.head_limits
        if self._head_bytes > limits.head_bytes or self._head_lines > limits.head_lines:
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise httptools.HttpParserError  # the parser passes it on, and uvicorn calls send_400_response

    def _start_deadline(self) -> None:
        self._cancel_deadline = self.loop.call_later(self.head_limits.head_seconds, self._end_slow_head).cancel

    def _stop_deadline(self) -> None:
        if self._cancel_deadline is not None:
            self._cancel_deadline()
            self._cancel_deadline = None

    def _end_slow_head(self) -> None:
        self._cancel_deadline = None
        if self._is_idle and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        message = _MESSAGES[status].encode()
        head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head % len(message) + message)
        self.transport.close()
