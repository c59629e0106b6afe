"""uvicorn's HTTP protocol; requests can abort their connection and learn that the server stops."""

from functools import partial
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from transport.lifecycle.scope_state import ABORT_KEY, LIFECYCLE_KEY, LIMITS_KEY, REPLY_KEY
from transport.limits.limits import Limits
from transport.server.direct_write import write_whole
from transport.server.request_heads import LimitedHeads

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope


class AbortableHTTP(LimitedHeads):
    @property
    def head_limits(self) -> Limits:
        limits: Limits = self.app_state[LIMITS_KEY]
        return limits

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][ABORT_KEY] = self.transport.abort

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        async def replying(scope: "Scope", receive: "ASGIReceiveCallable", send: "ASGISendCallable") -> None:
            """The scope refers to its cycle no longer than it is needed: a request leaves nothing to be collected."""
            state = cycle.scope["state"]
            state[REPLY_KEY] = cycle.send, partial(write_whole, cycle)
            try:
                await app(scope, receive, send)
            finally:
                state.pop(REPLY_KEY, None)

        super()._start_asgi_task(cycle, replying)

    def shutdown(self) -> None:
        self.app_state[LIFECYCLE_KEY].stop()
        super().shutdown()
