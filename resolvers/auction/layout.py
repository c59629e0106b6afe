"""Where advertisements stand among the organic entries of a page: one after every `spacing` of them. Pure functions.

A slot for which there is no advertisement lapses: the next one is `spacing` entries further.
"""

from functools import lru_cache
from typing import NamedTuple

AD_BELOW, AD_ABOVE = 0, -1
"""In place of a count of entries passed: the place is that of the advertisement below, or above, the organic entry."""


class Slot(NamedTuple):
    """`organic` counts the organic entries of the page from 0, None for an advertisement.

    `passed`: organic entries since the advertisement above, this one among them; AD_BELOW or AD_ABOVE for one itself.
    """

    organic: int | None
    passed: int


class Grid(NamedTuple):
    """`ads`: how many there are to put in; `passed`: as of the entry from which the page goes on, None of a start."""

    spacing: int
    ads: int
    passed: int | None = None


class Standing(NamedTuple):
    """A slot, with the organic entry that names its place; None where that one is not on the page."""

    organic: int | None
    passed: int
    beside: int | None


@lru_cache(maxsize=512)
def laid(organic: int, first: int, grid: Grid, *, is_upward: bool) -> tuple[Standing, ...]:
    """`downward` or `upward`. An advertisement is known by the organic entry that it was laid after."""
    slots = (upward if is_upward else downward)(organic, first, grid)
    found = list[Standing]()
    for at, (entry, passed) in enumerate(slots):
        named = at if entry is not None else at - 1 if passed == AD_BELOW else at + 1
        found.append(Standing(entry, passed, slots[named].organic if 0 <= named < len(slots) else None))
    return tuple(found)


@lru_cache(maxsize=512)
def room(organic: int, first: int, grid: Grid, *, is_upward: bool) -> int:
    """How many advertisements a page has room for, whatever the grid says of how many there are."""
    return sum(entry is None for entry, _, _ in laid(organic, first, grid._replace(ads=first), is_upward=is_upward))


def downward(organic: int, first: int, grid: Grid) -> list[Slot]:
    """At most `first` slots of a page of so many organic entries, from the top."""
    passed, ads, laid = min(max(grid.passed or 0, 0), grid.spacing), grid.ads, list[Slot]()
    for index in range(organic):
        if passed == grid.spacing:
            passed = 0
            if ads:
                ads -= 1
                laid.append(Slot(None, AD_BELOW))
        passed += 1
        laid.append(Slot(index, passed))
    if organic and passed == grid.spacing and ads:
        laid.append(Slot(None, AD_BELOW))
    return laid[:first]


def upward(organic: int, first: int, grid: Grid) -> list[Slot]:
    """The same for a page that is read from its bottom: the lowest `first`, from the top."""
    passed = grid.spacing if grid.passed is None or grid.passed <= 0 else min(grid.passed - 1, grid.spacing)
    ads, laid = grid.ads, list[Slot]()
    for index in reversed(range(organic)):
        if passed == 0:
            passed = grid.spacing
            if ads:
                ads -= 1
                laid.append(Slot(None, AD_ABOVE))
        laid.append(Slot(index, passed))
        passed -= 1
    return laid[:first][::-1]
