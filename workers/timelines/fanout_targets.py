"""Whom what somebody posts is pushed to."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from core.ids import UserId
from datastore.stores import Stores

# A script holds Redis while it runs: some hundred lists take 2 to 3 ms.
PEOPLE_AT_ONCE = 500
# In a cluster each call reaches the lists of one bucket: of so many people there are some four in each.
_PEOPLE_OF_A_CLUSTER = 4_000
_NOBODY: list[UserId] = []


def people_at_once(stores: Stores) -> int:
    """How many are read and pushed to together."""
    return _PEOPLE_OF_A_CLUSTER if stores.pipeline.is_cluster else PEOPLE_AT_ONCE


async def reader_pages(stores: Stores, author: UserId) -> AsyncIterator[list[UserId]]:
    """All followers; of an author who has too many, those in the audience. Whom one page holds nobody counts."""
    limit, size = stores.timelines.live_followers.limit, people_at_once(stores)
    async with aclosing(stores.users.follows.follower_pages(author, size)) as pages:
        first = await anext(pages, _NOBODY)
        if len(first) < size <= limit or await stores.users.counts.follower_count(author) <= limit:
            if first:
                yield first
            async for page in pages:
                yield page
            return
    async for page in _audience_pages(stores, author):
        yield page


async def late_reader_pages(stores: Stores, author: UserId, limit: int) -> AsyncIterator[list[UserId]]:
    """For what is late already: of an author with more followers than `limit` those alone who are live.

    All others find it when they come, as they do with authors who have an audience.
    """
    if await stores.users.counts.follower_count(author) <= limit:
        async for page in reader_pages(stores, author):
            yield page
        return
    async for page in _audience_pages(stores, author):
        if live := await stores.timelines.home_log.live_among(page):
            yield live


async def _audience_pages(stores: Stores, author: UserId) -> AsyncIterator[list[UserId]]:
    if not await stores.users.fanout_state.has_live_follower_set(author):
        await _begin_audience(stores, author)
    async for page in stores.timelines.live_followers.pages(author, people_at_once(stores)):
        yield page


async def _begin_audience(stores: Stores, author: UserId) -> None:
    """From now on readers who come find the items themselves; until it is known who is live, all count as such."""
    await stores.users.fanout_state.mark_fanout_on_read(author)
    async for page in stores.users.follows.follower_pages(author, people_at_once(stores)):
        await stores.timelines.live_followers.add_all(author, page)
        await stores.users.viewpoints.invalidate(*page)
    await stores.users.fanout_state.mark_live_followers_seeded(author)
