"""Tweet search, newest first: parse the query, find matches, apply visibility rules, make a page.

A page costs a bounded amount of work. If that does not fill it, it is short, and its end is where the next one begins.
"""

import asyncio
from collections.abc import Sequence

from core.errors import UnauthenticatedError
from core.ids import MAX_ID
from core.search.parser import mentioning, read_query
from core.search.query import Posted, Query
from datastore.records.items import TweetRecord
from datastore.timelines.rules import PersonRule, is_there_for, may_come_across, may_find
from datastore.tweets.search import SearchPage
from datastore.tweets.stores import TweetStores
from datastore.tweets.terms import SearchedTweet
from datastore.users.stores import UserStores
from datastore.users.viewpoint_records import Viewpoint
from resolvers.identity import Identity
from resolvers.pages import Edge, Page, check_first
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of
from resolvers.visible_pages import page_until

# A page that rules left short is filled up this many times.
_ROUNDS = 3


async def resolve_query(users: UserStores, identity: Identity | None, typed: str) -> Query:
    """The parsed query, handles resolved to ids.

    Raises BadInputError for a query that can't be parsed, UnauthenticatedError for one that needs a viewer.
    """
    query = read_query(typed)
    if query.is_personal and identity is None:
        raise UnauthenticatedError("filter:follows needs a viewer: sign in first.")
    return query.resolved(await users.accounts.ids_by_handle(query.handles))


async def latest_tweets(
    services: Services,
    identity: Identity | None,
    query: Query,
    first: int,
    before: int | None,
    *,
    rule: PersonRule = may_find,
) -> Page[TweetRecord]:
    """Newest first. `rule`: whose tweets the viewer is shown."""
    view = await viewpoint_of(services.stores.users, identity)
    edges: list[Edge[TweetRecord]] = []
    wanted, place = check_first(first) + 1, before
    for _ in range(_ROUNDS):
        span = Posted(0, MAX_ID if place is None else place)
        found = await newest_matches(services.stores.tweets, view, query, span, wanted)
        edges += [Edge(tweet.id, tweet) for tweet in await _visible(services.stores.users, view, found.tweets, rule)]
        place = found.reached
        if len(edges) > first or place is None:
            return page_until(edges, first, before, has_next=len(edges) > first, reached=None)
        if found.is_spent:
            break
        wanted *= 2
    return page_until(edges, first, before, has_next=True, reached=place)


async def mentions(services: Services, identity: Identity, first: int, before: int | None) -> Page[TweetRecord]:
    """Tweets that mention the viewer, newest first."""
    query = mentioning(identity.user_id)
    return await latest_tweets(services, identity, query, first, before, rule=may_come_across)


async def newest_matches(
    tweet_stores: TweetStores, view: Viewpoint, query: Query, span: Posted, count: int
) -> SearchPage:
    """The newest matches of all alternatives together, before rules; may be more than `count`."""
    searches, share = tweet_stores.search, len(query.alternatives)
    parts = await asyncio.gather(
        *[searches.newest(one, view.followees, span, count=count, share=share) for one in query.alternatives]
    )
    reached = max((part.reached for part in parts if part.reached is not None), default=None)
    tweets = {tweet.id: tweet for part in parts for tweet in part.tweets if tweet.id >= (reached or 0)}
    ordered = [tweets[tweet_id] for tweet_id in sorted(tweets, reverse=True)]
    return SearchPage(ordered, reached, any(part.is_spent for part in parts))


async def _visible(
    users: UserStores, view: Viewpoint, tweets: Sequence[SearchedTweet], rule: PersonRule
) -> list[TweetRecord]:
    authors = list({tweet.author_id for tweet in tweets})
    people = dict(zip(authors, await users.accounts.get_many(authors), strict=True))
    seen = [tweet for tweet in tweets if is_there_for(view, tweet.tweet)]
    return [tweet.tweet for tweet in seen if rule(view, people[tweet.author_id])]
