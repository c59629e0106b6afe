"""Visible pages: lists of tweets and users without entries hidden by rules; further entries fill the page up."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from core.ids import TweetId, UserId
from datastore.hydration import hydrate_ids
from datastore.mongo.edges import StoredEdge
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.stores import Stores
from datastore.timelines.rules import HydratedItem, may_see, may_see_at, may_see_user
from datastore.users.stores import UserStores
from datastore.users.viewpoint_records import Viewpoint
from resolvers.pages import Edge, Page, check_first

T = TypeVar("T")
EdgesBefore = Callable[[int | None, int], Awaitable[list[StoredEdge]]]
Resolve = Callable[[Sequence[int]], Awaitable[list[T | None]]]
Rule = Callable[[Viewpoint, HydratedItem], bool]

# Each round reads twice as many as the one before; after the last one the page is short, with the place it reached.
_ROUNDS = 6


async def page_of_tweets(
    stores: Stores, view: Viewpoint, acts: EdgesBefore, first: int, before: int | None, *, rule: Rule = may_see
) -> Page[TweetRecord]:
    """`acts` lead to tweets, newest first."""

    async def resolve(ids: Sequence[int]) -> list[TweetRecord | None]:
        return await visible_tweets(stores, view, [TweetId(number) for number in ids], rule)

    return await page_of_edges(acts, resolve, first, before)


async def page_of_users(
    users: UserStores, acts: EdgesBefore, first: int, before: int | None, *, acting_for: Viewpoint | None = None
) -> Page[UserRecord]:
    """`acts` lead to users, newest first. `acting_for`: leaves out users whose acts this viewer may not see."""

    async def resolve(ids: Sequence[int]) -> list[UserRecord | None]:
        found = await users.accounts.get_many([UserId(number) for number in ids])
        if acting_for is None:
            return found
        return [user if may_see_user(acting_for, user) else None for user in found]

    return await page_of_edges(acts, resolve, first, before)


def at_place_of(owner: UserId) -> Rule:
    """The rule of a list that is the owner's: see `may_see_at`."""
    return lambda view, shown: may_see_at(view, shown, owner)


async def visible_tweets(
    stores: Stores, view: Viewpoint, ids: Sequence[TweetId], rule: Rule = may_see
) -> list[TweetRecord | None]:
    """In the order given; None for a tweet that does not exist, or that the rule does not let the viewer see."""
    found = await hydrate_ids(stores, view, ids)
    return [_visible(view, shown, rule) for shown in found]


def _visible(view: Viewpoint, shown: HydratedItem | None, rule: Rule) -> TweetRecord | None:
    if shown is None or not isinstance(shown.item, TweetRecord) or not rule(view, shown):
        return None
    return shown.item


async def page_of_edges(acts: EdgesBefore, resolve: Resolve[T], first: int, before: int | None) -> Page[T]:
    edges: list[Edge[T]] = []
    place, wanted = before, check_first(first) + 1
    for _ in range(_ROUNDS):
        found = await acts(place, wanted)
        nodes = await resolve([act.other for act in found])
        edges += [Edge(act.act_id, node) for act, node in zip(found, nodes, strict=True) if node is not None]
        place = found[-1].act_id if found else place
        if len(edges) > first or len(found) < wanted:
            return page_until(edges, first, before, has_next=len(edges) > first, reached=None)
        wanted *= 2
    return page_until(edges, first, before, has_next=True, reached=place)


def page_until(edges: list[Edge[T]], first: int, before: int | None, *, has_next: bool, reached: int | None) -> Page[T]:
    """The first `first` edges. `reached` is the place down to which the list was read, None for its end."""
    shown = tuple(edges[:first])
    end = shown[-1].place if shown and (len(edges) > first or reached is None) else reached
    return Page(shown, has_next, before is not None, end)
