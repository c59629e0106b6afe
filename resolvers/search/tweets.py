"""Searching tweets: what is asked, the tweets of which it holds, the rules of who may see them, a page.

A page costs a bounded amount of work. Where that did not fill it, it is short and its end is where the next one begins.
"""

import asyncio
from collections.abc import Sequence

from core.errors import UnauthenticatedError
from core.ids import MAX_ID
from core.search.parser import mentioning, read_query
from core.search.query import Posted, Query
from datastore.records.items import TweetRecord
from datastore.timelines.rules import may_see_person
from datastore.tweets.search import Looked
from datastore.tweets.terms import SearchedTweet
from datastore.users.viewpoints import Viewpoint
from resolvers.identity import Identity
from resolvers.pages import Edge, Page, check_first
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of
from resolvers.visible_pages import page_down_to

# Where rules took tweets out of a page it is filled up so often.
_ROUNDS = 3


async def asked_query(services: Services, identity: Identity | None, typed: str) -> Query:
    """Raises BadInputError for what can't be understood, UnauthenticatedError for what needs a viewer."""
    query = read_query(typed)
    if query.is_personal and identity is None:
        raise UnauthenticatedError("filter:follows needs a viewer: sign in first.")
    return query.resolved(await services.stores.users.accounts.ids_by_handle(query.handles))


async def latest(
    services: Services, identity: Identity | None, query: Query, first: int, before: int | None
) -> Page[TweetRecord]:
    """Newest first."""
    view = await viewpoint_of(services, identity)
    edges: list[Edge[TweetRecord]] = []
    wanted, place = check_first(first) + 1, before
    for _ in range(_ROUNDS):
        span = Posted(0, MAX_ID if place is None else place)
        found = await newest(services, view, query, span, wanted)
        edges += [Edge(tweet.id, tweet) for tweet in await _visible(services, view, found.tweets)]
        place = found.reached
        if len(edges) > first or place is None:
            return page_down_to(edges, first, before, has_next=len(edges) > first, reached=None)
        if found.is_spent:
            break
        wanted *= 2
    return page_down_to(edges, first, before, has_next=True, reached=place)


async def mentions(services: Services, identity: Identity, first: int, before: int | None) -> Page[TweetRecord]:
    """Tweets that mention the viewer, newest first."""
    return await latest(services, identity, mentioning(identity.user_id), first, before)


async def newest(services: Services, view: Viewpoint, query: Query, span: Posted, count: int) -> Looked:
    """Of all alternatives together, before rules; perhaps more than `count`."""
    searches, share = services.stores.tweets.search, len(query.alternatives)
    parts = await asyncio.gather(
        *[searches.newest(one, view.followees, span, count=count, share=share) for one in query.alternatives]
    )
    reached = max((part.reached for part in parts if part.reached is not None), default=None)
    tweets = {tweet.id: tweet for part in parts for tweet in part.tweets if tweet.id >= (reached or 0)}
    ordered = [tweets[tweet_id] for tweet_id in sorted(tweets, reverse=True)]
    return Looked(ordered, reached, any(part.is_spent for part in parts))


async def _visible(services: Services, view: Viewpoint, tweets: Sequence[SearchedTweet]) -> list[TweetRecord]:
    authors = list({tweet.author_id for tweet in tweets})
    people = dict(zip(authors, await services.stores.users.accounts.get_many(authors), strict=True))
    return [tweet.tweet for tweet in tweets if may_see_person(view, people[tweet.author_id])]
