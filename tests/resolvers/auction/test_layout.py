"""Ad layout: pages of any size against one whole timeline with an advertisement after every `spacing` entries."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from resolvers.auction.layout import AD_ABOVE, AD_BELOW, AdLayout, PageEntry, ad_capacity, downward, place_ads, upward

SPACINGS = st.integers(1, 9)
LINES = st.integers(0, 60)
PAGES = st.lists(st.integers(1, 20), min_size=1, max_size=80)
PLENTY = 200


def line(organic: int, spacing: int) -> list[PageEntry]:
    """A whole timeline by definition."""
    slots: list[PageEntry] = []
    for index in range(organic):
        slots.append(PageEntry(index, index % spacing + 1))
        if index % spacing == spacing - 1:
            slots.append(PageEntry(None, AD_BELOW))
    return slots


@given(LINES, SPACINGS)
def test_first_is_never_an_advertisement_and_the_distance_is_always_the_same(organic: int, spacing: int) -> None:
    assert downward(organic, PLENTY, AdLayout(spacing, PLENTY)) == line(organic, spacing)


@given(LINES, SPACINGS, PAGES)
def test_pages_of_any_size_downwards_are_one_line(organic: int, spacing: int, sizes: list[int]) -> None:
    read, at, passed = list[PageEntry](), 0, None
    for first in sizes:
        slots = downward(organic - at, first, AdLayout(spacing, PLENTY, passed))
        read += [slot if slot.organic is None else PageEntry(slot.organic + at, slot.passed) for slot in slots]
        at += sum(slot.organic is not None for slot in slots)
        passed = slots[-1].passed if slots else passed
    assert read == line(organic, spacing)[: len(read)]
    assert len(read) >= min(organic, sum(sizes) - sum(sizes) // (spacing + 1) - 1)


@given(LINES, SPACINGS, PAGES, st.data())
def test_pages_upwards_are_the_same_line(organic: int, spacing: int, sizes: list[int], data: st.DataObject) -> None:
    whole = line(organic, spacing)
    if not whole:
        return
    begin = data.draw(st.integers(0, len(whole) - 1))
    above = sum(slot.organic is not None for slot in whole[:begin])
    passed, read = whole[begin].passed, list[bool]()
    for first in sizes:
        slots = upward(above, first, AdLayout(spacing, PLENTY, passed))
        read = [slot.organic is None for slot in slots] + read
        above -= sum(slot.organic is not None for slot in slots)
        passed = slots[0].passed if slots else passed
    expected = [slot.organic is None for slot in whole[:begin]]
    assert read == expected[len(expected) - len(read) :]


@given(LINES, st.integers(1, 30), SPACINGS, st.integers(0, 3))
def test_slots_without_an_advertisement_lapse(organic: int, first: int, spacing: int, ads: int) -> None:
    slots = downward(organic, first, AdLayout(spacing, ads))
    filled = list(islice((slot for slot in line(organic, spacing) if slot.organic is None), ads))
    assert sum(slot.organic is None for slot in slots) <= len(filled)
    assert [slot.organic for slot in slots if slot.organic is not None] == list(
        range(sum(slot.organic is not None for slot in slots))
    )
    assert len(slots) == min(first, organic + len(filled))


@given(LINES, st.integers(1, 30), SPACINGS, st.integers(0, 9), st.booleans())
def test_there_is_room_for_so_many_and_each_is_known_by_an_entry_beside_it(
    organic: int, first: int, spacing: int, passed: int, is_upward: bool
) -> None:
    layout = AdLayout(spacing, PLENTY, passed)
    found = place_ads(organic, first, layout, is_upward=is_upward)
    assert [PageEntry(slot.organic, slot.passed) for slot in found] == (upward if is_upward else downward)(
        organic, first, layout
    )
    assert ad_capacity(organic, first, layout._replace(ads=0), is_upward=is_upward) == sum(
        slot.organic is None for slot in found
    )
    for above, slot, below in zip((None, *found), found, (*found[1:], None), strict=False):
        named = slot if slot.organic is not None else below if is_upward else above
        assert slot.beside == (named and named.organic)


def test_page_upwards_goes_on_from_either_side_of_an_advertisement() -> None:
    assert upward(3, 2, AdLayout(2, 1, 1)) == [PageEntry(2, 2), PageEntry(None, AD_ABOVE)]
    assert upward(3, 2, AdLayout(2, 1, AD_ABOVE)) == [PageEntry(1, 1), PageEntry(2, 2)]
    assert upward(3, 2, AdLayout(2, 1, AD_BELOW)) == [PageEntry(1, 1), PageEntry(2, 2)]
    assert upward(3, 2, AdLayout(2, 1)) == [PageEntry(1, 1), PageEntry(2, 2)]


def test_count_of_another_spacing_puts_the_advertisement_at_the_next_place() -> None:
    assert downward(2, 5, AdLayout(3, 1, 8)) == [PageEntry(None, AD_BELOW), PageEntry(0, 1), PageEntry(1, 2)]
