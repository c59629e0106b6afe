"""Strawberry as its manual shows it: its own ASGI view, resolvers on the types, DataLoaders in the context."""

from functools import partial
from typing import Annotated, NewType

import strawberry
from store import liked, page, rows
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

DateTime = NewType("DateTime", str)


@strawberry.type
class User:
    id: strawberry.ID
    handle: str
    name: str
    avatar_url: str | None
    is_verified: bool


@strawberry.type
class Tweet:
    id: strawberry.ID
    text: str
    created_at: DateTime
    like_count: int
    retweet_count: int
    reply_count: int
    author_id: strawberry.Private[str]

    @strawberry.field
    async def viewer_has_liked(self, info: Info) -> bool:
        return await info.context["likes"].load(self.id)

    @strawberry.field
    async def author(self, info: Info) -> User:
        return await info.context["users"].load(self.author_id)


@strawberry.type
class TimelineEdge:
    cursor: str

    @strawberry.field
    async def node(self, info: Info) -> Annotated[Tweet, strawberry.union("TimelineItem")]:
        return await info.context["tweets"].load(self.cursor)


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class TimelineConnection:
    edges: list[TimelineEdge]
    page_info: PageInfo


@strawberry.type
class Query:
    @strawberry.field
    async def home_timeline(self, info: Info, first: int = 20, after: str | None = None) -> TimelineConnection:
        ids, has_more = await page(info.context["viewer"], first, after)
        return TimelineConnection(
            edges=[TimelineEdge(cursor=one) for one in ids],
            page_info=PageInfo(has_next_page=has_more, end_cursor=ids[-1] if ids else None),
        )


async def load_users(ids):
    return [
        User(
            id=row["id"],
            handle=row["handle"],
            name=row["name"],
            avatar_url=row["avatarUrl"],
            is_verified=row["isVerified"],
        )
        for row in await rows("user", ids)
    ]


async def load_tweets(ids):
    return [
        Tweet(
            id=row["id"],
            text=row["text"],
            created_at=row["createdAt"],
            like_count=row["likeCount"],
            retweet_count=row["retweetCount"],
            reply_count=row["replyCount"],
            author_id=row["authorId"],
        )
        for row in await rows("tweet", ids)
    ]


class View(GraphQL):
    async def get_context(self, request, response):  # noqa: ARG002 - as the view calls it
        viewer = request.headers.get("x-user", "")
        return {
            "viewer": viewer,
            "users": DataLoader(load_users),
            "tweets": DataLoader(load_tweets),
            "likes": DataLoader(partial(liked, viewer)),
        }


instants = {DateTime: strawberry.scalar(name="DateTime", serialize=str, parse_value=str)}
app = View(strawberry.Schema(Query, config=StrawberryConfig(scalar_map=instants)))
