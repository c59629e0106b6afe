"""Context protocols: what the endpoint calls on the application's contexts."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from secrets import token_hex
from typing import Protocol, runtime_checkable

import structlog
from starlette.requests import HTTPConnection

from transport.execution.operations import Operation

GetContext = Callable[[HTTPConnection, Mapping[str, object] | None], Awaitable[object]]
"""Makes the context of a request, or of a socket from the payload of its connection_init.

A CodedError refuses the request, or closes the socket: 4401 for UNAUTHENTICATED, 4403 for FORBIDDEN.
"""


@runtime_checkable
class ExpiringContext(Protocol):
    """A context that may expire and end its socket or stream: the token runs out or the session is revoked."""

    async def expired(self) -> None:
        """Returns on expiry. Runs beside the connection, and is cancelled when the connection is gone."""


class PerOperationContext(Protocol):
    """A context that makes another one for each operation, for state that is not shared or depends on the cost."""

    async def for_operation(self, operation: Operation) -> object:
        """A CodedError refuses the operation."""


class RefusalContext(Protocol):
    """A context that takes points for requests that are refused before they run."""

    async def charge_refusal(self, points: int) -> None:
        """A RateLimitedError takes the place of the refusal."""


class ResponseHeadersContext(Protocol):
    """A context of one operation that adds headers to the response."""

    @property
    def response_headers(self) -> Mapping[str, str]: ...


def response_headers_of(context: object) -> Mapping[str, str]:
    """Empty unless `context` is a ResponseHeadersContext; isinstance would compute the property twice."""
    given: Mapping[str, str] = getattr(context, "response_headers", {})
    return given


async def operation_context(context: object, operation: Operation) -> object:
    """The context made for `operation` by a PerOperationContext; otherwise `context` itself."""
    # isinstance of a protocol looks up all its attributes, which takes longer than everything else here.
    factory: PerOperationContext | None = context if hasattr(context, "for_operation") else None
    return context if factory is None else await factory.for_operation(operation)


async def until_expired(context: object) -> None:
    """Never returns unless `context` is an ExpiringContext."""
    if isinstance(context, ExpiringContext):
        await context.expired()
    else:
        await asyncio.Event().wait()


def current_request_id() -> str:
    """The id bound to the log's context, or a new one."""
    bound = structlog.contextvars.get_contextvars().get("request_id")
    return bound if isinstance(bound, str) else token_hex(16)
