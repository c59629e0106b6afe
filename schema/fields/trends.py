"""Trends: trends, trendUpdates."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from datastore.trends.hashtags import FollowedTag
from datastore.trends.snapshots import TrendRecord
from resolvers.trends import trends
from schema.fields.hashtags import Hashtag, present_hashtag
from schema.request.context import Info
from schema.values.scopes import BY_READ

First = Annotated[int, strawberry.argument(description="Most items to return, 1-100.")]


@strawberry.type(description="A hashtag that more accounts use than usual.")
class Trend:
    hashtag: Hashtag = strawberry.field(description="The hashtag.")
    score: float = strawberry.field(
        description="(accounts of the last hour - those of a usual hour)^2 / those of a usual hour, at its peak; "
        "halved every 4 hours since."
    )
    tweet_count: int = strawberry.field(
        description="Public tweets with it in the last 24 hours: exact up to 1,000, within 2 % above."
    )
    account_count: int = strawberry.field(
        description="Accounts that wrote these tweets, at least 5: exact up to 1,000, within 2 % above."
    )


@strawberry.type
class TrendQuery:
    @strawberry.field(
        directives=BY_READ,
        description="Trending hashtags, highest score first, updated every 10 seconds. Tweets of people the viewer "
        "blocks, or who block the viewer, are not counted.",
    )
    async def trends(self, info: Info, first: First = 10) -> list[Trend]:
        found = await trends.trends(info.context.services, info.context.identity, first)
        return [_present(trend) for trend in found]


@strawberry.type
class TrendSubscription:
    @strawberry.subscription(
        directives=BY_READ, description="The first trends: at once, and again whenever their order changes."
    )
    async def trend_updates(self, info: Info, first: First = 10) -> AsyncGenerator[list[Trend], None]:
        sent: list[str] | None = None
        async with aclosing(info.context.live.trends.snapshots()) as snapshots:
            async for snapshot in snapshots:
                info.context.forget()
                found = await trends.visible_trends(info.context.services, info.context.identity, snapshot, first)
                order = [trend.tag for trend in found]
                if order != sent:
                    sent = order
                    yield [_present(trend) for trend in found]


def _present(trend: TrendRecord) -> Trend:
    return Trend(
        hashtag=present_hashtag(FollowedTag(trend.tag, trend.name), trend.history),
        score=trend.score,
        tweet_count=trend.tweets,
        account_count=trend.accounts,
    )
