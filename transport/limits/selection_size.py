"""Size of a selection: what it counts of each limit, added up while a document is walked."""

from msgspec import Struct


class SelectionSize(Struct, frozen=True, gc=False):
    """Size of a selection, fragments expanded; its cost in objects, and the work of its fields in points."""

    selections: int = 0
    aliases: int = 0
    directives: int = 0
    depth: int = 0
    cost: int = 0
    work: int = 0


def add_sizes(one: SelectionSize, other: SelectionSize, directives: int = 0) -> SelectionSize:
    """The size of both, side by side: depths do not add up. `directives`: those of the selection that holds them."""
    return SelectionSize(
        one.selections + other.selections,
        one.aliases + other.aliases,
        one.directives + other.directives + directives,
        max(one.depth, other.depth),
        one.cost + other.cost,
        one.work + other.work,
    )
