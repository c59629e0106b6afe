"""What the endpoint asks of the application around it: a context, and what that may do of its own accord."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from secrets import token_hex
from typing import Protocol, runtime_checkable

import structlog
from starlette.requests import HTTPConnection

from transport.execution.operations import Operation

GetContext = Callable[[HTTPConnection, Mapping[str, object] | None], Awaitable[object]]
"""Makes the context of a request, or of a socket from the payload of its connection_init.

May raise CodedError, which refuses the request, or closes the socket: 4401 for UNAUTHENTICATED, 4403 for FORBIDDEN.
"""


@runtime_checkable
class EndingContext(Protocol):
    """A context whose socket or stream may have to end: its token runs out, its session is revoked."""

    async def ended(self) -> None:
        """Returns when that is so. Runs beside the connection, and is cancelled when the connection is gone."""


class PerOperation(Protocol):
    """A context that makes another for each operation: for what may not be shared, or must know the cost."""

    async def for_operation(self, operation: Operation) -> object:
        """May raise CodedError, which refuses the operation."""


class HeadedContext(Protocol):
    """A context of one operation that has something to say in the headers of its answer."""

    @property
    def response_headers(self) -> Mapping[str, str]: ...


def headers_of(context: object) -> Mapping[str, str]:
    """Of a HeadedContext; none of any other. An isinstance would work them out twice."""
    given: Mapping[str, str] = getattr(context, "response_headers", {})
    return given


async def context_of(
    get_context: GetContext, connection: HTTPConnection, payload: Mapping[str, object] | None, *, seconds: float
) -> object:
    """Raises TimeoutError where it takes too long, and whatever `get_context` raises."""
    async with asyncio.timeout(seconds):
        return await get_context(connection, payload)


async def until_ended(context: object) -> None:
    """For ever, where the context has no end of its own."""
    if isinstance(context, EndingContext):
        await context.ended()
    else:
        await asyncio.Event().wait()


def current_request_id() -> str:
    """That which is bound to the log already, or a new one."""
    bound = structlog.contextvars.get_contextvars().get("request_id")
    return bound if isinstance(bound, str) else token_hex(16)
