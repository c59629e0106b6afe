"""Live search results: searchEvents."""

from collections.abc import AsyncGenerator

import strawberry

from core.search.query import Query
from datastore.records.items import TweetCounts, TweetRecord
from datastore.timelines.rules import may_find
from datastore.tweets.terms import SearchedTweet
from resolvers.search.tweets import resolve_query
from schema.fields.searches import QueryArgument
from schema.request.context import Info
from schema.types.tweets import Tweet, present_tweet
from schema.values.scopes import BY_READ


@strawberry.type
class SearchSubscription:
    @strawberry.subscription(
        directives=BY_READ,
        description="Tweets matching a search, as they are posted: those that searchTweets would return and that the "
        "viewer may see at that moment, including their own. Counts are those of a new tweet.",
    )
    async def search_events(self, info: Info, query: QueryArgument) -> AsyncGenerator[Tweet, None]:
        asked = await resolve_query(info.context.services, info.context.identity, query)
        with info.context.live.searches.watch(asked) as watcher:
            while True:
                for tweet in await watcher.take():
                    if await _is_hit(info, asked, tweet):
                        yield present_tweet(tweet)


async def _is_hit(info: Info, asked: Query, tweet: TweetRecord) -> bool:
    """Decided by the viewer's current viewpoint."""
    info.context.forget()
    if asked.is_personal:
        followees = (await info.context.viewpoint).followees
        if not asked.holds(SearchedTweet(tweet, TweetCounts()), followees):
            return False
    if await info.context.items.load(tweet.id) is None:
        return False
    return may_find(await info.context.viewpoint, await info.context.users.load(tweet.author_id))
