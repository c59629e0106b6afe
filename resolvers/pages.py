"""Pages of lists: what `first` may be, and how one entry too many tells that there is more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from core.errors import BadInputError

T = TypeVar("T")
R = TypeVar("R")

LONGEST_PAGE = 100


class Edge(msgspec.Struct, Generic[T], frozen=True):
    """`place` is the id by which its list is ordered."""

    place: int
    node: T


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`end_place` is where the next page begins, also where rules left no edge to name it; None for an empty list."""

    edges: tuple[Edge[T], ...]
    has_next: bool
    has_previous: bool = False
    end_place: int | None = None


def check_first(first: int, name: str = "first") -> int:
    """Raises BadInputError unless 1 to 100: nothing is cut down in silence."""
    if not 1 <= first <= LONGEST_PAGE:
        raise BadInputError(f"{name} must be 1 to {LONGEST_PAGE}, not {first}.")
    return first


def page_of(found: Sequence[T], first: int, place: Callable[[T], int], *, has_previous: bool = False) -> Page[T]:
    """A page of `first` from up to `first + 1` entries."""
    edges = tuple(Edge(place(entry), entry) for entry in found[:first])
    return Page(edges, len(found) > first, has_previous, edges[-1].place if edges else None)
