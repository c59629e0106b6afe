"""Whom what somebody posts is pushed to."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from core.ids import UserId
from datastore.stores import Stores

# A script holds Redis while it runs: some hundred lists take 2 to 3 ms.
PEOPLE_AT_ONCE = 500
_NOBODY: list[UserId] = []


async def reader_pages(stores: Stores, author: UserId) -> AsyncIterator[list[UserId]]:
    """All followers; of an author who has too many, those in the audience. Whom one page holds nobody counts."""
    limit = stores.audiences.limit
    async with aclosing(stores.follows.follower_pages(author, PEOPLE_AT_ONCE)) as pages:
        first = await anext(pages, _NOBODY)
        if len(first) < PEOPLE_AT_ONCE <= limit or await stores.users.follower_count(author) <= limit:
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
    if await stores.users.follower_count(author) <= limit:
        async for page in reader_pages(stores, author):
            yield page
        return
    async for page in _audience_pages(stores, author):
        if live := await stores.home_log.live_among(page):
            yield live


async def _audience_pages(stores: Stores, author: UserId) -> AsyncIterator[list[UserId]]:
    if not await stores.users.has_audience(author):
        await _begin_audience(stores, author)
    async for page in stores.audiences.pages(author, PEOPLE_AT_ONCE):
        yield page


async def _begin_audience(stores: Stores, author: UserId) -> None:
    """From now on readers who come find the items themselves; until it is known who is live, all count as such."""
    await stores.users.mark_merged(author)
    async for page in stores.follows.follower_pages(author, PEOPLE_AT_ONCE):
        await stores.audiences.add_all(author, page)
        await stores.viewpoints.forget(*page)
    await stores.users.mark_audience(author)
