"""Query, Mutation and Subscription, merged from the fields of each subject, and the schema."""

from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from schema.fields.accounts.access_tokens import AccessToken, AccessTokenMutation
from schema.fields.accounts.credentials import CredentialMutation
from schema.fields.accounts.push_subscriptions import PushMutation, PushQuery, PushSubscription
from schema.fields.accounts.sessions import SessionMutation
from schema.fields.accounts.viewer import ViewerQuery
from schema.fields.accounts.viewer_settings import ViewerMutation
from schema.fields.ads.advertisements import AdvertisementMutation
from schema.fields.ads.campaigns import Campaign, CampaignMutation
from schema.fields.follows import FollowMutation
from schema.fields.hashtags import Hashtag, HashtagMutation, HashtagQuery
from schema.fields.home_timeline import TimelineQuery
from schema.fields.likes import LikeMutation
from schema.fields.lists import ListMutation, ListQuery, MemberList
from schema.fields.media import MediaMutation
from schema.fields.moderation.decisions import Decision, DecisionMutation
from schema.fields.moderation.filters import Filter, FilterMutation
from schema.fields.moderation.moderators_room import ModerationMutation, ModerationQuery
from schema.fields.moderation.reports import Report, ReportMutation
from schema.fields.nodes import NodeQuery
from schema.fields.notifications import Notification, NotificationMutation, NotificationQuery
from schema.fields.profiles import UserMutation, UserQuery
from schema.fields.rate_limits import RateLimitQuery
from schema.fields.searches import SearchQuery
from schema.fields.trends import TrendQuery, TrendSubscription
from schema.fields.tweets import TweetMutation, TweetQuery
from schema.live.home_timeline import TimelineSubscription
from schema.live.lists import ListSubscription
from schema.live.notifications import NotificationSubscription
from schema.live.searches import SearchSubscription
from schema.live.tweet_updates import UpdateSubscription
from schema.types.advertisements import PromotedTweet
from schema.types.items import Retweet
from schema.types.media import Media
from schema.types.tweets import Tweet
from schema.types.users import User
from schema.values.scalars import SCALARS

_MUTATIONS = (
    *(
        SessionMutation,
        CredentialMutation,
        AccessTokenMutation,
        PushMutation,
        ViewerMutation,
        UserMutation,
        FollowMutation,
        TweetMutation,
        LikeMutation,
        HashtagMutation,
    ),
    *(CampaignMutation, AdvertisementMutation, NotificationMutation, ListMutation, MediaMutation),
    *(ReportMutation, DecisionMutation, FilterMutation, ModerationMutation),
)

_QUERIES = (
    *(NodeQuery, ViewerQuery, UserQuery, TweetQuery, TimelineQuery, HashtagQuery),
    *(NotificationQuery, RateLimitQuery, TrendQuery, SearchQuery, ListQuery, ModerationQuery, PushQuery),
)

_SUBSCRIPTIONS = (
    *(
        ListSubscription,
        TimelineSubscription,
        NotificationSubscription,
        UpdateSubscription,
        TrendSubscription,
        SearchSubscription,
    ),
)


def _root(name: str, parts: tuple[type, ...], description: str) -> type:
    root = merge_types(name, parts)
    root.__strawberry_definition__.description = description  # type: ignore[attr-defined]
    return root


Query = _root("Query", _QUERIES, "What can be read. What the viewer may not see is null, or left out of lists.")
Mutation = _root(
    "Mutation",
    _MUTATIONS,
    "What can be done, one act after the other. A payload holds the result, or userErrors that say why there is none.",
)
Subscription = _root(
    "Subscription",
    _SUBSCRIPTIONS,
    "What is sent as it happens: over graphql-transport-ws, server-sent events or multipart responses.",
)


@cache
def build_schema() -> strawberry.Schema:
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[
            *(User, Tweet, Retweet, PromotedTweet, Hashtag, Campaign, Notification, AccessToken, MemberList, Media),
            PushSubscription,
            *(Report, Decision, Filter),
        ],
        config=StrawberryConfig(scalar_map=SCALARS, enable_experimental_incremental_execution=True),
    )
