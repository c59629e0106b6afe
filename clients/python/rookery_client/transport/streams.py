"""Streams of events: what each answer has of them, and their continuation after a cursor."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Protocol, TypeVar

from rookery_client.transport.waiting import retried

Data = TypeVar("Data")
Told = TypeVar("Told")


class _HasCursor(Protocol):
    @property
    def cursor(self) -> str: ...


Event = TypeVar("Event", bound=_HasCursor)
Next = Callable[[], str | None]
"""The cursor to go on after, None for the first time without one."""


async def of_each(following: AsyncGenerator[Data], event_of: Callable[[Data], Told]) -> AsyncGenerator[Told]:
    """The event of each answer."""
    async with aclosing(following):
        async for data in following:
            yield event_of(data)


async def resumed(
    after: str | None, head: Callable[[], Awaitable[str]], events: Callable[[Next], AsyncGenerator[Event]]
) -> AsyncGenerator[Event]:
    """Events after a cursor, or else after `head`; at a new connection `events` asks for what follows the last one."""
    # Without a cursor, what comes while the connection is lost before the first event would be missed.
    cursor = await retried(head, tries=None) if after is None else after
    async with aclosing(events(lambda: cursor)) as following:
        async for event in following:
            cursor = event.cursor
            yield event
