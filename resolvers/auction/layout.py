"""Ad layout: places one advertisement after every `spacing` organic entries of a page. Pure functions.

If no advertisement is left for a slot, the slot lapses: the next one is `spacing` entries further.
"""

from functools import lru_cache
from typing import NamedTuple

AD_BELOW, AD_ABOVE = 0, -1
"""Values of `passed` for an advertisement: it is placed below, or above, the organic entry that its cursor names."""


class PageEntry(NamedTuple):
    """An entry of the page. `organic` is the index of the organic entry, None for an advertisement.

    `passed`: organic entries since the advertisement above, this one included; AD_BELOW or AD_ABOVE for an
    advertisement itself.
    """

    organic: int | None
    passed: int


class AdLayout(NamedTuple):
    """`ads`: the number to place; `passed`: that of the entry after which the page starts, None for a first page."""

    spacing: int
    ads: int
    passed: int | None = None


class Placement(NamedTuple):
    """An entry with `beside`: the index of the organic entry that names its cursor, None if it is not on the page."""

    organic: int | None
    passed: int
    beside: int | None


@lru_cache(maxsize=512)
def place_ads(organic: int, first: int, layout: AdLayout, *, is_upward: bool) -> tuple[Placement, ...]:
    """`downward` or `upward`. The cursor of an advertisement names the organic entry that it was placed after."""
    entries = (upward if is_upward else downward)(organic, first, layout)
    found = list[Placement]()
    for at, (entry, passed) in enumerate(entries):
        named = at if entry is not None else at - 1 if passed == AD_BELOW else at + 1
        found.append(Placement(entry, passed, entries[named].organic if 0 <= named < len(entries) else None))
    return tuple(found)


@lru_cache(maxsize=512)
def ad_capacity(organic: int, first: int, layout: AdLayout, *, is_upward: bool) -> int:
    """The number of ad slots of a page, whatever `layout.ads` is."""
    placements = place_ads(organic, first, layout._replace(ads=first), is_upward=is_upward)
    return sum(entry is None for entry, _, _ in placements)


def downward(organic: int, first: int, layout: AdLayout) -> list[PageEntry]:
    """At most `first` entries of a page with `organic` organic ones, from the top."""
    passed, ads, entries = min(max(layout.passed or 0, 0), layout.spacing), layout.ads, list[PageEntry]()
    for index in range(organic):
        if passed == layout.spacing:
            passed = 0
            if ads:
                ads -= 1
                entries.append(PageEntry(None, AD_BELOW))
        passed += 1
        entries.append(PageEntry(index, passed))
    if organic and passed == layout.spacing and ads:
        entries.append(PageEntry(None, AD_BELOW))
    return entries[:first]


def upward(organic: int, first: int, layout: AdLayout) -> list[PageEntry]:
    """The same for a page that is filled from its bottom: the lowest `first` entries, in order from the top."""
    passed = layout.spacing if layout.passed is None or layout.passed <= 0 else min(layout.passed - 1, layout.spacing)
    ads, entries = layout.ads, list[PageEntry]()
    for index in reversed(range(organic)):
        if passed == 0:
            passed = layout.spacing
            if ads:
                ads -= 1
                entries.append(PageEntry(None, AD_ABOVE))
        entries.append(PageEntry(index, passed))
        passed -= 1
    return entries[:first][::-1]
