"""Hashtags: hashtag, followHashtag, unfollowHashtag."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from core.search.parser import tagged
from datastore.timelines.rules import may_come_across
from datastore.trends.hashtags import FollowedTag
from resolvers.trends import hashtag_search, hashtags, trends
from schema.fields.searches import SearchSort, Sort, found_tweets
from schema.request.context import Info
from schema.types.tweets import TweetConnection
from schema.values.connections import After, First
from schema.values.nodes import Node, NodeType, global_name
from schema.values.payloads import UserError, mutation_payload
from schema.values.scopes import BY_READ, BY_WRITE

TWEETS = "Hashtag.tweets"

HashtagNameArgument = Annotated[str, strawberry.argument(description="The hashtag, without the #.")]


@strawberry.type(description="A hashtag.")
class Hashtag(Node):
    tag: strawberry.Private[str]
    known_history: strawberry.Private[Sequence[int] | None]
    name: str = strawberry.field(description="The name without the #, in its most common spelling.")

    @strawberry.field(description="Whether the viewer follows it.")
    async def viewer_is_following(self, info: Info) -> bool:
        return info.context.identity is not None and self.tag in (await info.context.viewpoint).tags

    @strawberry.field(
        description="Uses per hour over the last 24 hours, oldest first: public tweets by people whom the viewer does "
        "not block and who do not block the viewer."
    )
    async def history(self, info: Info) -> list[int]:
        if self.known_history is not None:
            return list(self.known_history)
        return list(await trends.history(info.context.services, info.context.identity, self.tag))

    @strawberry.field(description="Tweets with this hashtag, including replies.")
    async def tweets(
        self, info: Info, first: First = 20, after: After = None, sort: Sort = SearchSort.LATEST
    ) -> TweetConnection:
        return await found_tweets(info, TWEETS, tagged(self.tag), sort, (first, after), rule=may_come_across)


@strawberry.type(description="Result of a mutation of a hashtag.")
class HashtagPayload:
    hashtag: Hashtag | None = strawberry.field(default=None, description="The hashtag; null if it was refused.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.type
class HashtagQuery:
    @strawberry.field(
        directives=BY_READ, description="A hashtag, whether or not it was ever used; null for an invalid name."
    )
    async def hashtag(self, info: Info, name: HashtagNameArgument) -> Hashtag | None:
        found = await hashtags.hashtag(info.context.stores.trends, name)
        return None if found is None else present_hashtag(found)

    @strawberry.field(
        directives=BY_READ,
        description="Hashtags that begin so, the most used of the last 7 days first, by public tweets of people whom "
        "the viewer does not block and who do not block the viewer.",
    )
    async def search_hashtags(
        self,
        info: Info,
        prefix: Annotated[
            str, strawberry.argument(description="The beginning, with or without the #, in whatever case and accents.")
        ],
        first: First = 10,
    ) -> list[Hashtag]:
        context = info.context
        found = await hashtag_search.search_hashtags(context.services, context.identity, prefix, first)
        return [present_hashtag(one) for one in found]


@strawberry.type
class HashtagMutation:
    @strawberry.mutation(
        directives=BY_WRITE, description="Follows a hashtag: its tweets appear in the viewer's home timeline."
    )
    async def follow_hashtag(self, info: Info, name: HashtagNameArgument) -> HashtagPayload:
        act = hashtags.follow_hashtag(info.context.services, info.context.signed_in, name)
        return await mutation_payload(info, act, _payload, HashtagPayload)

    @strawberry.mutation(directives=BY_WRITE, description="Stops following a hashtag.")
    async def unfollow_hashtag(self, info: Info, name: HashtagNameArgument) -> HashtagPayload:
        act = hashtags.unfollow_hashtag(info.context.services, info.context.signed_in, name)
        return await mutation_payload(info, act, _payload, HashtagPayload)


def present_hashtag(found: FollowedTag, history: Sequence[int] | None = None) -> Hashtag:
    """`history`: the uses per hour, if already loaded."""
    node = global_name(NodeType.HASHTAG, found.tag)
    return Hashtag(id=node, tag=found.tag, known_history=history, name=found.name)


def _payload(found: FollowedTag) -> HashtagPayload:
    return HashtagPayload(hashtag=present_hashtag(found))
