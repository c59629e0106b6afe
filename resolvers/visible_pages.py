"""Lists of tweets and of people, less what the viewer may not see, filled up where rules took entries out."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from core.ids import TweetId, UserId
from datastore.hydration import hydrate_ids
from datastore.mongo.edges import Edge as Act
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.timelines.rules import Shown, may_see
from datastore.users.viewpoints import Viewpoint
from resolvers.pages import Edge, Page, check_first
from resolvers.services import Services

T = TypeVar("T")
ActsBefore = Callable[[int | None, int], Awaitable[list[Act]]]
Resolve = Callable[[Sequence[int]], Awaitable[list[T | None]]]

# Each round asks for twice as many as the one before; after the last the page is short and says where it stopped.
_ROUNDS = 6


async def tweets_of_acts(
    services: Services, view: Viewpoint, acts: ActsBefore, first: int, before: int | None
) -> Page[TweetRecord]:
    """`acts` are towards tweets, newest first."""

    async def resolve(ids: Sequence[int]) -> list[TweetRecord | None]:
        return await visible_tweets(services, view, [TweetId(number) for number in ids])

    return await page_of_acts(acts, resolve, first, before)


async def people_of_acts(services: Services, acts: ActsBefore, first: int, before: int | None) -> Page[UserRecord]:
    """`acts` lead to people, newest first."""

    async def resolve(ids: Sequence[int]) -> list[UserRecord | None]:
        return await services.stores.users.accounts.get_many([UserId(number) for number in ids])

    return await page_of_acts(acts, resolve, first, before)


async def visible_tweets(services: Services, view: Viewpoint, ids: Sequence[TweetId]) -> list[TweetRecord | None]:
    """In the order asked, None where there is no such tweet, or it may not be seen."""
    found = await hydrate_ids(services.stores, view, ids)
    return [_seen(view, shown) for shown in found]


def _seen(view: Viewpoint, shown: Shown | None) -> TweetRecord | None:
    if shown is None or not isinstance(shown.item, TweetRecord) or not may_see(view, shown):
        return None
    return shown.item


async def page_of_acts(acts: ActsBefore, resolve: Resolve[T], first: int, before: int | None) -> Page[T]:
    edges: list[Edge[T]] = []
    place, wanted = before, check_first(first) + 1
    for _ in range(_ROUNDS):
        found = await acts(place, wanted)
        nodes = await resolve([act.other for act in found])
        edges += [Edge(act.act_id, node) for act, node in zip(found, nodes, strict=True) if node is not None]
        place = found[-1].act_id if found else place
        if len(edges) > first or len(found) < wanted:
            return page_down_to(edges, first, before, has_next=len(edges) > first, reached=None)
        wanted *= 2
    return page_down_to(edges, first, before, has_next=True, reached=place)


def page_down_to(
    edges: list[Edge[T]], first: int, before: int | None, *, has_next: bool, reached: int | None
) -> Page[T]:
    """The first of the edges. `reached` is down to where was looked, None where that is all."""
    shown = tuple(edges[:first])
    end = shown[-1].place if shown and (len(edges) > first or reached is None) else reached
    return Page(shown, has_next, before is not None, end)
