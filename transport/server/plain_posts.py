"""Plain POSTs: requests that arrive whole in one read are answered in one write, without a scope and messages of ASGI.

Everything else is uvicorn's: requests in pieces, behind an unanswered one, by a proxy, from a browser's page, for a
stream, of HTTP/1.0. The application answers both by the same code.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.utils import get_client_addr

from transport.http.negotiation import accepted_by
from transport.lifecycle.scope_state import ABORT_KEY, PLAIN_KEY
from transport.server.http_protocol import AbortableHTTP

LONGEST_BODY: Final = 60_000
"""Less than what uvicorn reads without being asked."""
_OTHERS_BUSINESS = frozenset(
    {b"content-encoding", b"origin", b"transfer-encoding", b"upgrade", b"x-forwarded-for", b"x-forwarded-proto"}
)


class WholeAnswer(Protocol):
    def parts(self) -> tuple[int, bytes, bytes]:
        """Status, header lines, body."""


class WholeApplication(Protocol):
    async def answer_whole(self, headers: list[tuple[bytes, bytes]], body: bytes, client: object) -> WholeAnswer:
        """The answer to a POST with these headers; `client` as ASGI has it."""


class _NoEvent:
    def set(self) -> None:
        """Nobody waits for messages of ASGI."""


_NO_EVENT: Final = _NoEvent()


class PlainCycle:
    """Stands where uvicorn keeps the request that it answers, so that others queue behind it."""

    __slots__ = ("app", "body", "disconnected", "keep_alive", "message_event", "more_body", "path", "response_complete")

    def __init__(self, app: WholeApplication, path: str) -> None:
        self.app, self.path = app, path
        self.body, self.message_event = bytearray(), _NO_EVENT
        self.keep_alive = self.more_body = True
        self.disconnected = self.response_complete = False


class PlainPosts(AbortableHTTP):
    """`_arriving`: a plain request whose body has not come yet."""

    _arriving: PlainCycle | None = None
    _before: RequestResponseCycle | PlainCycle | None = None

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if (cycle := self._arriving) is None:
            return
        self._arriving = None
        if not self.transport.is_closing():
            self._hand_over(cycle)

    def on_message_begin(self) -> None:
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self._begin_head()

    def on_headers_complete(self) -> None:
        app = self._plain_app()
        if app is None:
            self._make_scope()
            super().on_headers_complete()
            return
        self._complete_head()
        self._before = self.cycle
        self._arriving = cycle = PlainCycle(app, self.url.decode())
        self.cycle = cast(Any, cycle)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if (cycle := self._arriving) is not None:
            self._arriving = self._before = None
            task = self.loop.create_task(self._answer(cycle, self.headers))
            task.add_done_callback(self.tasks.discard)
            self.tasks.add(task)

    def _plain_app(self) -> WholeApplication | None:
        apps: Mapping[bytes, WholeApplication] = self.app_state.get(PLAIN_KEY, {})
        app, headers = apps.get(self.url), dict(self.headers)
        if app is None or not self._is_alone or not _is_plain(headers) or len(headers) != len(self.headers):
            return None
        parser, config = self.parser, self.config
        is_usual = parser.get_method() == b"POST" and parser.get_http_version() == "1.1" and parser.should_keep_alive()
        is_served_as_is = self.limit_concurrency is None and not self.root_path and not config.reset_contextvars
        return app if is_usual and is_served_as_is and not self.expect_100_continue else None

    @property
    def _is_alone(self) -> bool:
        is_idle = self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr] # None at first
        return is_idle and not self.flow.write_paused

    def _make_scope(self) -> None:
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        HttpToolsProtocol.on_message_begin(self)
        self.scope["state"][ABORT_KEY] = self.transport.abort
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)

    def _hand_over(self, cycle: PlainCycle) -> None:
        """The rest of the body is still to come: uvicorn goes on with the request."""
        self.cycle, self._before = cast(Any, self._before), None
        self._make_scope()
        HttpToolsProtocol.on_headers_complete(self)
        if cycle.body:
            HttpToolsProtocol.on_body(self, bytes(cycle.body))

    async def _answer(self, cycle: PlainCycle, headers: list[tuple[bytes, bytes]]) -> None:
        try:
            answer = await cycle.app.answer_whole(headers, bytes(cycle.body), self.client)
            if self.flow.write_paused:
                await self.flow.drain()
            self._write(cycle, *answer.parts())
        except Exception as error:
            self.logger.error("Exception in ASGI application\n", exc_info=error)  # noqa: TRY400 - uvicorn's line
        finally:
            if not cycle.response_complete:
                self.transport.close()

    def _write(self, cycle: PlainCycle, status: int, head: bytes, body: bytes) -> None:
        cycle.response_complete = True
        if cycle.disconnected:
            return
        own = b"".join([b"%s: %s\r\n" % header for header in self.server_state.default_headers])
        end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        if self.access_log:
            client = get_client_addr(cast(Any, {"client": self.client}))
            self.access_logger.info('%s - "%s %s HTTP/%s" %d', client, "POST", cycle.path, "1.1", status)
        self.transport.write(b"".join((STATUS_LINE[status], own, head, end, body)))
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()


def _is_plain(headers: Mapping[bytes, bytes]) -> bool:
    """A JSON body of known length, and an answer that is no stream."""
    length = headers.get(b"content-length", b"")
    return (
        headers.get(b"content-type") == b"application/json"
        and length.isdigit()
        and len(length) <= len(str(LONGEST_BODY))
        and int(length) <= LONGEST_BODY
        and b"accept" in headers
        and accepted_by(headers[b"accept"].decode("latin-1")).several() is None
        and not _OTHERS_BUSINESS & headers.keys()
    )
