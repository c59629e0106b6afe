"""Live search results: searchEvents."""

from collections import OrderedDict
from collections.abc import AsyncGenerator
from typing import Final

import strawberry

from core.ids import TweetId, UserId
from core.search.query import Query
from datastore.records.items import TweetCounts, TweetRecord
from datastore.timelines.rules import may_find
from datastore.tweets.terms import SearchedTweet
from resolvers.search.tweets import resolve_query
from schema.fields.searches import QueryArgument
from schema.request.context import Info
from schema.types.tweets import Tweet, present_tweet
from schema.values.scopes import BY_READ
from subscriptions.searches import Found

_SENT_REMEMBERED: Final = 1_000


@strawberry.type
class SearchSubscription:
    @strawberry.subscription(
        directives=BY_READ,
        description="Tweets matching a search, as they are posted, or edited so that they match: those that "
        "searchTweets would return and that the viewer may see at that moment, including their own, each once. Counts "
        "are those of a new tweet.",
    )
    async def search_events(self, info: Info, query: QueryArgument) -> AsyncGenerator[Tweet, None]:
        asked = await resolve_query(info.context.stores.users, info.context.identity, query)
        sent = OrderedDict[TweetId, None]()
        with info.context.live.searches.watch(asked) as watcher:
            while True:
                for found in await watcher.take():
                    if found.tweet.id not in sent and await _is_hit(info, asked, found):
                        sent[found.tweet.id] = None
                        yield present_tweet(found.tweet)
                while len(sent) > _SENT_REMEMBERED:
                    sent.popitem(last=False)


async def _is_hit(info: Info, asked: Query, found: Found) -> bool:
    """Decided by the viewer's current viewpoint. An edited tweet that was a hit before is none."""
    info.context.forget()
    if asked.is_personal:
        followees = (await info.context.viewpoint).followees
        if not _holds(asked, found.tweet, followees) or (found.was and _holds(asked, found.was, followees)):
            return False
    if await info.context.items.load(found.tweet.id) is None:
        return False
    return may_find(await info.context.viewpoint, await info.context.users.load(found.tweet.author_id))


def _holds(asked: Query, tweet: TweetRecord, followees: frozenset[UserId]) -> bool:
    return asked.holds(SearchedTweet(tweet, TweetCounts()), followees)
