"""Connections: page info, and cursors signed for the field that issues them."""

from typing import Annotated, Any

import strawberry

from core.errors import BadCursorError
from resolvers.pages import Page, PairPage, PairPlace
from schema.request.context import Info
from schema.values.scopes import BY_NOTIFICATIONS

First = Annotated[int, strawberry.argument(description="Number of items, 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Cursor after which to continue; null: from the start.")]


@strawberry.type(directives=BY_NOTIFICATIONS, description="Position of a page in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there is more before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first edge.")
    end_cursor: str | None = strawberry.field(description="Start of the next page: pass it to `after`.")


def read_cursor(info: Info, field: str, cursor: str | None) -> int | None:
    """The place; None for the start. Raises BadCursorError for a cursor of another field."""
    if cursor is None:
        return None
    (place,) = info.context.services.cursors.decode(field, cursor, 1)
    if place < 0:
        raise BadCursorError(cursor)
    return place


def read_pair_cursor(info: Info, field: str, cursor: str | None) -> PairPlace | None:
    """Place of a list ordered by score and id; None for the start. Raises BadCursorError for another field's cursor."""
    if cursor is None:
        return None
    score, last = info.context.services.cursors.decode(field, cursor, 2)
    return score, last


def write_cursor(info: Info, field: str, *place: int) -> str:
    return info.context.services.cursors.encode(field, *place)


def page_info(info: Info, field: str, page: Page[Any]) -> PageInfo:
    start = page.edges[0].place if page.edges else page.end_place
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=None if start is None else write_cursor(info, field, start),
        end_cursor=None if page.end_place is None else write_cursor(info, field, page.end_place),
    )


def pair_page_info(info: Info, field: str, page: PairPage[Any]) -> PageInfo:
    start = page.edges[0][0] if page.edges else page.end_place
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=None if start is None else write_cursor(info, field, *start),
        end_cursor=None if page.end_place is None else write_cursor(info, field, *page.end_place),
    )
