"""Page info: cursors of the first and the last edge, also where rules left no edge of a page."""

from types import SimpleNamespace
from typing import cast

from core.cursors import CursorCodec
from resolvers.pages import Edge, Page
from schema.request.context import Info
from schema.values.connections import page_info, write_cursor

FIELD = "Query.list"
INFO = cast(Info, SimpleNamespace(context=SimpleNamespace(services=SimpleNamespace(cursors=CursorCodec([b"key"])))))


def info_of(page: Page[str]) -> tuple[bool, bool, str | None, str | None]:
    found = page_info(INFO, FIELD, page)
    return found.has_next_page, found.has_previous_page, found.start_cursor, found.end_cursor


def cursor(place: int) -> str:
    return write_cursor(INFO, FIELD, place)


def test_a_page_begins_at_its_first_edge_and_the_next_one_at_its_end() -> None:
    page = Page((Edge(9, "a"), Edge(7, "b")), has_next=True, has_previous=True, end_place=7)
    assert info_of(page) == (True, True, cursor(9), cursor(7))


def test_a_page_whose_edges_rules_left_out_begins_and_ends_where_it_was_read_to() -> None:
    page: Page[str] = Page((), has_next=True, end_place=4)
    assert info_of(page) == (True, False, cursor(4), cursor(4))


def test_an_empty_list_has_no_cursors() -> None:
    assert info_of(Page((), has_next=False)) == (False, False, None, None)
