"""Fan-out targets: the recipients of a post, page by page."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from core.ids import UserId
from datastore.stores import Stores

# A script blocks Redis while it runs: some hundred lists take 2 to 3 ms.
PAGE_SIZE = 500
# In a cluster each call changes the lists of one bucket: about four of so many users lie in the same one.
_CLUSTER_PAGE_SIZE = 4_000
_EMPTY_PAGE: list[UserId] = []


def page_size(stores: Stores) -> int:
    """Number of users who are read, and pushed to, at a time."""
    return _CLUSTER_PAGE_SIZE if stores.pipeline.is_cluster else PAGE_SIZE


async def target_pages(stores: Stores, author: UserId) -> AsyncIterator[list[UserId]]:
    """All followers; the live ones only for an author with more than the limit.

    If all followers fit into one page, they are not counted.
    """
    limit, size = stores.timelines.live_followers.limit, page_size(stores)
    async with aclosing(stores.users.follows.follower_pages(author, size)) as pages:
        first = await anext(pages, _EMPTY_PAGE)
        if len(first) < size <= limit or await stores.users.counts.follower_count(author) <= limit:
            if first:
                yield first
            async for page in pages:
                yield page
            return
    async for page in _live_pages(stores, author):
        yield page


async def late_target_pages(stores: Stores, author: UserId, limit: int) -> AsyncIterator[list[UserId]]:
    """Targets of a late post: for an author with more followers than `limit` only live readers.

    All others find it when they read, as for fan-out-on-read authors.
    """
    if await stores.users.counts.follower_count(author) <= limit:
        async for page in target_pages(stores, author):
            yield page
        return
    async for page in _live_pages(stores, author):
        if live := await stores.timelines.home_log.live_among(page):
            yield live


async def _live_pages(stores: Stores, author: UserId) -> AsyncIterator[list[UserId]]:
    if not await stores.users.fanout_state.has_live_follower_set(author):
        await _seed_live_followers(stores, author)
    async for page in stores.timelines.live_followers.pages(author, page_size(stores)):
        yield page


async def _seed_live_followers(stores: Stores, author: UserId) -> None:
    """Turns to fan-out on read: readers query the items themselves. All followers count as live until they expire."""
    await stores.users.fanout_state.mark_fanout_on_read(author)
    async for page in stores.users.follows.follower_pages(author, page_size(stores)):
        await stores.timelines.live_followers.add_all(author, page)
        await stores.users.viewpoints.invalidate(*page)
    await stores.users.fanout_state.mark_live_followers_seeded(author)
