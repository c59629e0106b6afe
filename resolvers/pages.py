"""Pages of lists. One entry more than `first` is read, which shows whether there is a next page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from core.errors import BadInputError

T = TypeVar("T")

LONGEST_PAGE = 100


class Edge(msgspec.Struct, Generic[T], frozen=True):
    """`place` is the id by which the list is ordered."""

    place: int
    node: T


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`end_place` is where the next page begins, also if rules left no edges; None for an empty list."""

    edges: tuple[Edge[T], ...]
    has_next: bool
    has_previous: bool = False
    end_place: int | None = None


PairPlace = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PairPage(Generic[T]):
    """A page of a list whose places are pairs of numbers, such as score and id; edges are (place, node)."""

    edges: tuple[tuple[PairPlace, T], ...]
    has_next: bool
    has_previous: bool
    end_place: PairPlace | None


def check_first(first: int, name: str = "first") -> int:
    """Returns `first`. Raises BadInputError unless it is 1 to 100: larger pages are refused, not truncated."""
    if not 1 <= first <= LONGEST_PAGE:
        raise BadInputError(f"{name} must be 1 to {LONGEST_PAGE}, not {first}.")
    return first


def page_of(found: Sequence[T], first: int, place: Callable[[T], int], *, has_previous: bool = False) -> Page[T]:
    """A page of `first` entries, from up to `first + 1`."""
    edges = tuple(Edge(place(entry), entry) for entry in found[:first])
    return Page(edges, len(found) > first, has_previous, edges[-1].place if edges else None)
