"""Query, Mutation and Subscription, put together from the files of their nouns, and the schema made of them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Annotated

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from core.errors import BadInputError
from core.ids import CampaignId, TweetId, UserId
from resolvers.campaigns import campaign_of
from resolvers.hashtags import hashtag
from resolvers.notifications import notification
from resolvers.promotions import promotion_of
from schema.advertisements import AdvertisementMutation, PromotedTweet, present_promotion
from schema.campaigns import Campaign, CampaignMutation, present_campaign
from schema.context import Info
from schema.follows import FollowMutation
from schema.hashtags import Hashtag, HashtagMutation, HashtagQuery, present_hashtag
from schema.items import Retweet, present_item
from schema.likes import LikeMutation
from schema.live import TimelineSubscription
from schema.livenotifications import NotificationSubscription
from schema.livesearches import SearchSubscription
from schema.liveupdates import UpdateSubscription
from schema.nodes import Node, NodeType, read_global_id
from schema.notifications import Notification, NotificationMutation, NotificationQuery, present_notification
from schema.posting import TweetMutation
from schema.ratelimits import RateLimitQuery
from schema.scalars import SCALARS
from schema.searches import SearchQuery
from schema.sessions import SessionMutation
from schema.timelines import TimelineQuery
from schema.trends import TrendQuery, TrendSubscription
from schema.tweets import Tweet, TweetQuery
from schema.users import User, UserMutation, UserQuery, present_user
from schema.viewer import ViewerMutation, ViewerQuery

MOST_NODES = 100


@strawberry.type
class NodeQuery:
    @strawberry.field(description="Anything by its id; null where there is none, or where the viewer may not see it.")
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Which.")]
    ) -> Node | None:
        return await _node(info, *read_global_id(id))

    @strawberry.field(
        description="In the order asked, null where there is none or it may not be seen; at most 100 ids."
    )
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="Which, at most 100.")]
    ) -> list[Node | None]:
        if len(ids) > MOST_NODES:
            raise BadInputError(f"At most {MOST_NODES} ids, not {len(ids)}.")
        wanted = [read_global_id(one) for one in ids]
        return await asyncio.gather(*[_node(info, kind, name) for kind, name in wanted])


async def _node(info: Info, kind: str, name: str) -> Node | None:
    find = _NODES.get(kind)
    return None if find is None else await find(info, name)


async def _user(info: Info, name: str) -> Node | None:
    user = await info.context.users.load(UserId(int(name)))
    return None if user is None else present_user(user)


async def _tweet(info: Info, name: str) -> Node | None:
    item = await _item(info, name)
    return item if isinstance(item, Tweet) else None


async def _retweet(info: Info, name: str) -> Node | None:
    item = await _item(info, name)
    return item if isinstance(item, Retweet) else None


async def _item(info: Info, name: str) -> Node | None:
    item = await info.context.items.load(TweetId(int(name)))
    return None if item is None else present_item(item)


async def _hashtag(info: Info, name: str) -> Node | None:
    found = await hashtag(info.context.services, name)
    return None if found is None or found.tag != name else present_hashtag(found)


async def _notification(info: Info, name: str) -> Node | None:
    services, identity = info.context.services, info.context.identity
    shown = None if identity is None else await notification(services, identity, int(name))
    return None if shown is None else present_notification(shown)


async def _campaign(info: Info, name: str) -> Node | None:
    own = await campaign_of(info.context.services, info.context.identity, CampaignId(int(name)))
    return None if own is None else present_campaign(*own)


async def _promotion(info: Info, name: str) -> Node | None:
    promotion = await promotion_of(info.context.services, info.context.identity, name)
    return None if promotion is None else present_promotion(promotion)


_NODES: Mapping[str, Callable[[Info, str], Awaitable[Node | None]]] = {
    NodeType.USER: _user,
    NodeType.TWEET: _tweet,
    NodeType.RETWEET: _retweet,
    NodeType.HASHTAG: _hashtag,
    NodeType.NOTIFICATION: _notification,
    NodeType.CAMPAIGN: _campaign,
    NodeType.PROMOTED_TWEET: _promotion,
}


_MUTATIONS = (
    *(SessionMutation, ViewerMutation, UserMutation, FollowMutation, TweetMutation, LikeMutation, HashtagMutation),
    *(CampaignMutation, AdvertisementMutation, NotificationMutation),
)

_QUERIES = (
    *(NodeQuery, ViewerQuery, UserQuery, TweetQuery, TimelineQuery, HashtagQuery),
    *(NotificationQuery, RateLimitQuery, TrendQuery, SearchQuery),
)

Query = merge_types("Query", _QUERIES)
Mutation = merge_types("Mutation", _MUTATIONS)
Subscription = merge_types(
    "Subscription",
    (TimelineSubscription, NotificationSubscription, UpdateSubscription, TrendSubscription, SearchSubscription),
)


@cache
def build_schema() -> strawberry.Schema:
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[User, Tweet, Retweet, PromotedTweet, Hashtag, Campaign, Notification],
        config=StrawberryConfig(scalar_map=SCALARS, enable_experimental_incremental_execution=True),
    )
