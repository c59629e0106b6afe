"""A timeline as it is, and stays, at the server: a page, all that happens from its head cursor on, and older pages."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from rookery_client.errors import RookeryError, SignedOutError
from rookery_client.generated import (
    TimelineEdge,
    TimelineEvent,
    TimelineItemAdded,
    TimelineItemRemoved,
    TimelinePage,
    TimelineReset,
)
from rookery_client.items import Items
from rookery_client.transport.waiting import Backoff

_PAGE = 20


@dataclass(frozen=True, slots=True)
class TimelineSource:
    """`page` reads by size and cursor, `events` follows from the cursor that its argument returns."""

    page: Callable[[int, str | None], Awaitable[TimelinePage]]
    events: Callable[[Callable[[], str | None]], AsyncGenerator[TimelineEvent]]


class Timeline:
    """Iterate over it to follow it: it gives all its edges, newest first, at first and after each change.

    After a pause, a second iteration goes on from where the first one ended. At most `most` edges are kept.
    """

    def __init__(self, source: TimelineSource, most: int) -> None:
        self._source, self._items = source, Items(most)
        self._backoff = Backoff()
        self._cursor: str | None = None
        self._end: str | None = None
        self._has_more = True
        self._is_over = False
        # Events that came while an older page is read, which may be of a moment before or after them.
        self._meanwhile: list[TimelineEvent] | None = None

    @property
    def edges(self) -> tuple[TimelineEdge, ...]:
        """Newest first, each item once."""
        return self._items.edges

    @property
    def has_more(self) -> bool:
        """Whether there are older items, and room for them."""
        return self._has_more and not self._items.is_full

    async def more(self) -> None:
        """Reads the next older page. Raises a RookeryError."""
        if self._cursor is None or self._meanwhile is not None or not self.has_more:
            return
        meanwhile, end = list[TimelineEvent](), self._end
        self._meanwhile = meanwhile
        try:
            page = await self._source.page(_PAGE, end)
            # A page from the top that came meanwhile stands in the place of all others, and where items fell off below
            # there is a gap before this one.
            if self._meanwhile is meanwhile and self._end == end:
                self._appended(page, meanwhile)
        finally:
            if self._meanwhile is meanwhile:
                self._meanwhile = None

    def __aiter__(self) -> AsyncIterator[tuple[TimelineEdge, ...]]:
        return self._followed()

    async def _followed(self) -> AsyncIterator[tuple[TimelineEdge, ...]]:
        if self._cursor is not None:
            yield self.edges
        self._is_over = False
        while not self._is_over:
            try:
                async with aclosing(self._until_reset()) as changes:
                    async for edges in changes:
                        yield edges
            except RookeryError as error:
                if self._is_final(error):
                    raise
                self._cursor = None
                await self._backoff.wait(error.retry_after)

    async def _until_reset(self) -> AsyncGenerator[tuple[TimelineEdge, ...]]:
        if self._cursor is None:
            self._took(await self._source.page(_PAGE, None))
            yield self.edges
        async with aclosing(self._source.events(lambda: self._cursor)) as events:
            async for event in events:
                self._backoff.reset()
                if self._happened(event):
                    yield self.edges
                if self._cursor is None:
                    return
        # The client was closed.
        self._is_over = True

    def _appended(self, page: TimelinePage, meanwhile: Sequence[TimelineEvent]) -> None:
        self._end = page.page_info.end_cursor or self._end
        self._has_more = page.page_info.has_next_page
        self._items.append(page.edges, self._end)
        if self._has_more:
            self._items.cut()
        for event in meanwhile:
            self._changed(event)
        self._trim()

    def _took(self, page: TimelinePage) -> None:
        self._meanwhile = None
        self._items.replace(page.edges, page.page_info.end_cursor)
        self._cursor, self._end = page.head_cursor, page.page_info.end_cursor
        self._has_more = page.page_info.has_next_page
        self._trim()

    def _happened(self, event: TimelineEvent) -> bool:
        """Whether something changed. After a reset there is no cursor."""
        if isinstance(event, TimelineReset):
            self._cursor = None
            return False
        self._cursor = event.cursor
        if self._meanwhile is not None:
            self._meanwhile.append(event)
        is_other = self._changed(event)
        self._trim()
        return is_other

    def _changed(self, event: TimelineEvent) -> bool:
        match event:
            case TimelineItemAdded(edge=edge):
                return self._items.insert(edge, is_complete=not self._has_more)
            case TimelineItemRemoved(node_id=node_id):
                return self._items.remove(node_id)
            case _:
                return False

    def _trim(self) -> None:
        if (end := self._items.trim()) is not None:
            self._end, self._has_more = end, True

    def _is_final(self, error: RookeryError) -> bool:
        """A passing error is tried again; a refused stream begins again with a page, which says why where it can't."""
        if error.is_passing or error.code == "INTERNAL":
            return False
        return self._cursor is None or isinstance(error, SignedOutError)
