"""Searches: searchTweets, searchUsers."""

from enum import Enum
from typing import Annotated

import strawberry

from core.search.query import Query
from datastore.records.users import UserRecord
from datastore.timelines.rules import PersonRule, may_find
from resolvers.graph.user_search import search_people
from resolvers.pages import PairPage
from resolvers.search.top import top_tweets
from resolvers.search.tweets import latest_tweets, resolve_query
from schema.request.context import Info
from schema.types.tweets import TweetConnection, top_connection, tweet_connection
from schema.types.users import UserConnection, UserEdge, present_user
from schema.values.connections import After, First, pair_page_info, read_cursor, read_pair_cursor, write_cursor
from schema.values.scopes import BY_READ

TWEETS, PEOPLE = "Query.searchTweets", "Query.searchUsers"


@strawberry.enum(description="Order of search results.")
class SearchSort(Enum):
    LATEST = strawberry.enum_value("LATEST", description="Newest first, all of them.")
    TOP = strawberry.enum_value("TOP", description="Tweets of the last 7 days, by likes, retweets, replies and age.")


Sort = Annotated[SearchSort, strawberry.argument(description="Their order.")]
QueryArgument = Annotated[
    str,
    strawberry.argument(
        description="Up to 280 characters and 20 terms: words, phrases in double quotes, -word, OR, #tag, @handle, "
        "from: to: mentions: since: until: lang: min_likes: min_retweets: has: is: filter:follows url:."
    ),
]


@strawberry.type
class SearchQuery:
    @strawberry.field(
        directives=BY_READ,
        description="Words, phrases in double quotes, -word, OR, #tag, @handle, and the operators from: to: mentions: "
        "since: until: lang: min_likes: min_retweets: has:links has:mentions has:hashtags is:reply is:quote "
        "filter:follows url:. A page may be short if few tweets match; hasNextPage tells whether there are more.",
    )
    async def search_tweets(
        self, info: Info, query: QueryArgument, sort: Sort = SearchSort.LATEST, first: First = 20, after: After = None
    ) -> TweetConnection:
        asked = await resolve_query(info.context.stores.users, info.context.identity, query)
        return await found_tweets(info, TWEETS, asked, sort, (first, after))

    @strawberry.field(
        directives=BY_READ,
        description="People by handle and name, by prefixes too: each word begins the handle or a word of the name. "
        "First people whom the viewer follows, then an exact handle, then the oldest accounts.",
    )
    async def search_users(
        self,
        info: Info,
        query: Annotated[
            str, strawberry.argument(description="Up to 280 characters and 20 words, with or without an @.")
        ],
        first: First = 20,
        after: After = None,
    ) -> UserConnection:
        context, place = info.context, read_pair_cursor(info, PEOPLE, after)
        page = await search_people(context.stores.users, context.identity, query, first, place)
        return _people_connection(info, page)


async def found_tweets(
    info: Info,
    field: str,
    query: Query,
    sort: SearchSort,
    wanted: tuple[int, str | None],
    *,
    rule: PersonRule = may_find,
) -> TweetConnection:
    """`wanted`: the arguments `first` and `after`; `rule`: whose tweets the viewer is shown."""
    (first, after), context = wanted, info.context
    if sort is SearchSort.TOP:
        name = f"{field}(TOP)"
        start = read_pair_cursor(info, name, after)
        top = await top_tweets(context.services, context.identity, query, first, start, rule=rule)
        return top_connection(info, name, top)
    before = read_cursor(info, field, after)
    latest = await latest_tweets(context.services, context.identity, query, first, before, rule=rule)
    return tweet_connection(info, field, latest)


def _people_connection(info: Info, page: PairPage[UserRecord]) -> UserConnection:
    edges = [
        UserEdge(cursor=write_cursor(info, PEOPLE, *place), node=present_user(record)) for place, record in page.edges
    ]
    return UserConnection(edges=edges, page_info=pair_page_info(info, PEOPLE, page))
