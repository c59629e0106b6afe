"""Timeline pages: candidates are read until rules leave enough items, in both directions."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from core.ids import TweetId, UserId
from datastore.records.items import RetweetRecord, TweetCounts, TweetRecord
from datastore.timelines.home import Direction
from datastore.timelines.rules import HydratedItem, Reason, TimelineItem
from datastore.tweets.retweets import RetweetLog
from datastore.tweets.viewer_state import ViewerState
from resolvers.timelines.pages import ItemPage, Judged, PageOrder, filled_page, present, shown_tweet_id

ROUNDS = 7
NOTHING_DONE = ViewerState(liked=False, retweeted=False, bookmarked=False)


def tweet(number: int) -> TweetRecord:
    return TweetRecord(TweetId(number), UserId(1), "hello", TweetId(number))


def item(number: int) -> TimelineItem:
    record = tweet(number)
    hydrated = HydratedItem(record, record, None, RetweetLog(), TweetCounts(), NOTHING_DONE, None)
    return TimelineItem(hydrated, Reason.SELF)


def places(page: ItemPage) -> list[int]:
    return [item.item.id for item in page.items]


def page(entries: Sequence[bool], order: PageOrder[int]) -> ItemPage:
    """A page of a timeline with ids len(entries) down to 1, of which `entries` says whether each is visible."""
    ids = range(len(entries), 0, -1)

    async def read(place: int | None, count: int) -> Judged:
        if order.direction is Direction.OLDER:
            near = [one for one in ids if place is None or one < place][:count]
        else:
            near = [one for one in ids if one > (place or 0)][-count:]
        return Judged(near, [item(one) for one in near if entries[len(entries) - one]])

    return asyncio.run(filled_page(order, read))


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 5))
def test_older_pages_together_are_all_visible_items(entries: list[bool], first: int) -> None:
    found, start, has_next = list[int](), None, True
    while has_next:
        part = page(entries, PageOrder(first, start))
        assert len(part.items) <= first
        assert part.has_previous is (start is not None)
        found += places(part)
        start, has_next = part.end_place, part.has_next
    assert found == [len(entries) - at for at, is_visible in enumerate(entries) if is_visible]


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 5))
def test_newer_pages_together_are_all_visible_items(entries: list[bool], first: int) -> None:
    found, start, has_more = list[int](), 0, True
    while has_more:
        part = page(entries, PageOrder(first, start, Direction.NEWER))
        assert len(part.items) <= first
        found = places(part) + found
        start, has_more = (places(part) or [start])[0], part.has_previous
    assert found == [len(entries) - at for at, is_visible in enumerate(entries) if is_visible]


def test_page_of_hidden_items_is_empty_and_says_where_it_ended() -> None:
    read = 2 + sum(1 << step for step in range(1, ROUNDS))
    assert page([False] * 1_000, PageOrder(1)) == ItemPage((), has_next=True, end_place=1_000 - read + 1)


def test_older_page_keeps_the_newest_items_and_newer_page_the_oldest() -> None:
    items = [item(5), item(4), item(3)]
    older = present(PageOrder(2, 9), items, is_end=True)
    newer = present(PageOrder(2, 1, Direction.NEWER), items, is_end=True)
    assert (places(older), older.has_next, older.has_previous, older.end_place) == ([5, 4], True, True, 4)
    assert (places(newer), newer.has_next, newer.has_previous, newer.end_place) == ([4, 3], True, True, 3)


def test_unfinished_page_ends_where_the_search_stopped() -> None:
    part = present(PageOrder(2), [item(5)], is_end=False, reached=2)
    assert (places(part), part.has_next, part.has_previous, part.end_place) == ([5], True, False, 2)


def test_retweet_shows_its_tweet() -> None:
    assert shown_tweet_id(tweet(3)) == 3
    assert shown_tweet_id(RetweetRecord(TweetId(4), UserId(1), TweetId(3), UserId(2))) == 3
