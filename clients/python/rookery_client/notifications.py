"""Notifications as they are, and stay, at the server: groups by their newest act, and the number of unread ones."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from rookery_client.errors import RookeryError, SignedOutError
from rookery_client.generated import (
    Notification,
    NotificationChanged,
    NotificationEvent,
    NotificationPage,
    NotificationsReset,
)
from rookery_client.transport.waiting import Backoff

_PAGE, _LARGEST_PAGE = 20, 100


@dataclass(frozen=True, slots=True)
class NotificationsSource:
    """As that of a timeline."""

    page: Callable[[int, str | None], Awaitable[NotificationPage]]
    events: Callable[[Callable[[], str | None]], AsyncGenerator[NotificationEvent]]


@dataclass(frozen=True, slots=True)
class NotificationsView:
    """Groups with the newest act first, each once; unread ones are counted up to 100."""

    groups: tuple[Notification, ...]
    unread_count: int


class Notifications:
    """Iterate over it to follow it: it gives a view of up to 100 groups, at first and after each change."""

    def __init__(self, source: NotificationsSource) -> None:
        self._source = source
        self._backoff = Backoff()
        self._cursor: str | None = None
        self._view = NotificationsView((), 0)
        self._is_over = False

    @property
    def view(self) -> NotificationsView:
        return self._view

    def __aiter__(self) -> AsyncIterator[NotificationsView]:
        return self._followed()

    async def _followed(self) -> AsyncIterator[NotificationsView]:
        if self._cursor is not None:
            yield self._view
        self._is_over = False
        while not self._is_over:
            try:
                async with aclosing(self._until_reset()) as changes:
                    async for view in changes:
                        yield view
            except RookeryError as error:
                is_again = error.is_passing or error.code == "INTERNAL"
                if not is_again and (self._cursor is None or isinstance(error, SignedOutError)):
                    raise
                self._cursor = None
                await self._backoff.wait(error.retry_after)

    async def _until_reset(self) -> AsyncGenerator[NotificationsView]:
        if self._cursor is None:
            self._cursor = (await self._read()).head_cursor
            yield self._view
        async with aclosing(self._source.events(lambda: self._cursor)) as events:
            async for event in events:
                self._backoff.reset()
                if isinstance(event, NotificationsReset):
                    self._cursor = None
                    return
                await self._happened(event)
                yield self._view
        # The client was closed.
        self._is_over = True

    async def _read(self) -> NotificationPage:
        page = await self._source.page(min(max(len(self._view.groups), _PAGE), _LARGEST_PAGE), None)
        self._view = NotificationsView(tuple(edge.node for edge in page.edges), page.unread_count)
        return page

    async def _happened(self, event: NotificationEvent) -> None:
        if isinstance(event, NotificationChanged):
            self._view = NotificationsView(self._with(event.notification), event.unread_count)
        else:
            # The event of a count does not say which groups were read, hidden or removed. The page may be newer than
            # the event; later events then bring what it has, up to the newest.
            await self._read()
        self._cursor = event.cursor

    def _with(self, group: Notification) -> tuple[Notification, ...]:
        others = [one for one in self._view.groups if one.id != group.id]
        older = (place for place, one in enumerate(others) if one.updated_at <= group.updated_at)
        place = next(older, len(others))
        return (*others[:place], group, *others[place:])[:_LARGEST_PAGE]
