"""Pages of lists: the limits of `first`, and pages of one entry more."""

import pytest

from core.errors import BadInputError, ErrorCode
from resolvers.pages import Edge, Page, check_first, page_of


@pytest.mark.parametrize("first", [1, 20, 100])
def test_first_may_be_1_to_100(first: int) -> None:
    assert check_first(first) == first


@pytest.mark.parametrize("first", [-1, 0, 101])
def test_other_numbers_are_refused_under_the_name_of_the_argument(first: int) -> None:
    with pytest.raises(BadInputError, match=f"limit must be 1 to 100, not {first}") as raised:
        check_first(first, "limit")
    assert raised.value.code is ErrorCode.BAD_USER_INPUT


def test_entry_beyond_first_shows_that_there_is_a_next_page() -> None:
    assert page_of([9, 7, 5], 2, int) == Page((Edge(9, 9), Edge(7, 7)), has_next=True, end_place=7)
    assert page_of([9, 7], 2, int, has_previous=True) == Page(
        (Edge(9, 9), Edge(7, 7)), has_next=False, has_previous=True, end_place=7
    )


def test_empty_list_has_no_end_place() -> None:
    assert page_of([], 2, int) == Page((), has_next=False, end_place=None)
