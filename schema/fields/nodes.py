"""Nodes by their global ids: node, nodes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

import strawberry

from core.errors import BadInputError
from core.ids import AccessTokenId, CampaignId, ListId, MediaId, SessionId, TweetId, UserId
from resolvers.accounts import access_tokens, push_subscriptions
from resolvers.ads.campaigns import campaign_of
from resolvers.graph.lists import list_of
from resolvers.media.pictures import visible_picture
from resolvers.moderation.decisions import decision_of
from resolvers.moderation.filters import filter_of
from resolvers.moderation.reports import report_of
from resolvers.notifications import notification
from resolvers.timelines.home_with_ads import advertisement_by_token
from resolvers.trends.hashtags import hashtag
from schema.fields.accounts.access_tokens import present_access_token
from schema.fields.accounts.push_subscriptions import present_push_subscription
from schema.fields.ads.campaigns import present_campaign
from schema.fields.hashtags import present_hashtag
from schema.fields.lists import present_seen_list
from schema.fields.moderation.decisions import present_decision
from schema.fields.moderation.filters import present_filter
from schema.fields.moderation.reports import present_report
from schema.fields.notifications import present_notification
from schema.request.context import Info
from schema.types.advertisements import present_advertisement
from schema.types.items import Retweet, present_item
from schema.types.media import present_picture
from schema.types.tweets import Tweet
from schema.types.users import present_user
from schema.values.nodes import Node, NodeType, decode_global_id
from schema.values.scopes import BY_READ

MOST_NODES = 100


@strawberry.type
class NodeQuery:
    @strawberry.field(
        directives=BY_READ, description="Any object by its id; null if there is none or the viewer may not see it."
    )
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Global id.")]
    ) -> Node | None:
        return await _node(info, *decode_global_id(id))

    @strawberry.field(
        directives=BY_READ,
        description="Objects in the order of the ids, at most 100; null if there is none or the viewer may not see it.",
    )
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 ids.")]
    ) -> list[Node | None]:
        if len(ids) > MOST_NODES:
            raise BadInputError(f"At most {MOST_NODES} ids, not {len(ids)}.")
        wanted = [decode_global_id(one) for one in ids]
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
    found = await hashtag(info.context.stores.trends, name)
    return None if found is None or found.tag != name else present_hashtag(found)


async def _notification(info: Info, name: str) -> Node | None:
    services, identity = info.context.services, info.context.identity
    hydrated = None if identity is None else await notification(services, identity, int(name))
    return None if hydrated is None else present_notification(hydrated)


async def _campaign(info: Info, name: str) -> Node | None:
    own = await campaign_of(info.context.services, info.context.identity, CampaignId(int(name)))
    return None if own is None else present_campaign(*own)


async def _promotion(info: Info, name: str) -> Node | None:
    advertisement = await advertisement_by_token(info.context.services, info.context.identity, name)
    return None if advertisement is None else present_advertisement(advertisement)


async def _access_token(info: Info, name: str) -> Node | None:
    own = await access_tokens.get_own(info.context.stores.users, info.context.identity, AccessTokenId(int(name)))
    return None if own is None else present_access_token(own)


async def _push_subscription(info: Info, name: str) -> Node | None:
    own = await push_subscriptions.get_own(info.context.stores.push, info.context.identity, SessionId(int(name)))
    return None if own is None else present_push_subscription(info, own)


async def _list(info: Info, name: str) -> Node | None:
    context = info.context
    return present_seen_list(await list_of(context.stores.users, context.identity, ListId(int(name)), context.since))


async def _media(info: Info, name: str) -> Node | None:
    picture = await visible_picture(info.context.services, info.context.identity, MediaId(int(name)))
    return None if picture is None else present_picture(info.context.services, picture)


async def _report(info: Info, name: str) -> Node | None:
    seen = await report_of(info.context.services, info.context.identity, int(name))
    return None if seen is None else present_report(seen)


async def _decision(info: Info, name: str) -> Node | None:
    record = await decision_of(info.context.services, info.context.identity, int(name))
    return None if record is None else present_decision(record)


async def _filter(info: Info, name: str) -> Node | None:
    record = await filter_of(info.context.services, info.context.identity, int(name))
    return None if record is None else present_filter(record)


_NODES: Mapping[str, Callable[[Info, str], Awaitable[Node | None]]] = {
    NodeType.USER: _user,
    NodeType.TWEET: _tweet,
    NodeType.RETWEET: _retweet,
    NodeType.HASHTAG: _hashtag,
    NodeType.NOTIFICATION: _notification,
    NodeType.CAMPAIGN: _campaign,
    NodeType.PROMOTED_TWEET: _promotion,
    NodeType.ACCESS_TOKEN: _access_token,
    NodeType.PUSH_SUBSCRIPTION: _push_subscription,
    NodeType.LIST: _list,
    NodeType.MEDIA: _media,
    NodeType.REPORT: _report,
    NodeType.DECISION: _decision,
    NodeType.FILTER: _filter,
}
