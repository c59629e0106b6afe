"""The viewer (signed-in person): private lists and settings."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any, TypeVar, get_type_hints

import strawberry

from core.devices import DeviceKind
from core.ids import SessionId
from core.roles import Role
from datastore.auth.session_records import SessionRecord
from datastore.records.users import AccountRecord
from resolvers import notifications
from resolvers.accounts import access_tokens, profiles, push_subscriptions, sessions
from resolvers.ads.campaigns import campaigns_of
from resolvers.graph import blocks, follow_requests
from resolvers.graph.lists import own_lists
from resolvers.graph.suggestions import Suggestion, SuggestionReason, who_to_follow
from resolvers.identity import Identity
from resolvers.moderation.decisions import own_decisions
from resolvers.pages import Page
from resolvers.search.tweets import mentions as mentions_of
from resolvers.services import Services
from resolvers.timelines import muted_words, read_marks
from resolvers.trends import hashtags
from resolvers.tweets.bookmarks import bookmarks_of
from schema.fields.accounts.access_tokens import AccessToken, present_access_token
from schema.fields.accounts.push_subscriptions import PushSubscription, present_push_subscription
from schema.fields.ads.campaigns import campaign_connection
from schema.fields.hashtags import Hashtag, present_hashtag
from schema.fields.lists import connection_of_lists
from schema.fields.moderation.decisions import decision_connection
from schema.fields.notifications import NotificationPreference
from schema.request.context import Info
from schema.types.tweets import tweet_connection
from schema.types.users import User, present_user, user_connection
from schema.values.connections import After, First, read_cursor, write_cursor
from schema.values.nodes import NodeType, global_id
from schema.values.payloads import UserError
from schema.values.scopes import BY_READ, BY_UNREAD_COUNT, SIGNED_IN_ALONE
from schema.values.timeline_cursors import HOME

N = TypeVar("N")
C = TypeVar("C")


def _connection(
    field: str,
    load: Callable[[Services, Identity, int, int | None], Awaitable[Page[N]]],
    present: Callable[[Info, str, Page[N]], C],
    description: str,
) -> Any:  # noqa: ANN401 - a field of the type that `present` gives
    """A connection field of the viewer: `load` gives a page, `present` its connection. `field` signs the cursors."""

    async def resolve(self: "Viewer", info: Info, first: First = 20, after: After = None) -> C:  # noqa: ARG001 - a method
        before, context = read_cursor(info, field, after), info.context
        return present(info, field, await load(context.services, context.signed_in, first, before))

    resolve.__annotations__["return"] = get_type_hints(present)["return"]
    return strawberry.field(resolver=resolve, directives=BY_READ, description=description)


@strawberry.type(directives=SIGNED_IN_ALONE, description="A sign-in on one device.")
class Session:
    id: strawberry.ID = strawberry.field(description="Id for logout.")
    device: DeviceKind = strawberry.field(description="The kind of device.")
    created_at: datetime = strawberry.field(description="Time of the sign-in.")
    last_used_at: datetime = strawberry.field(description="When its tokens were last renewed.")
    is_current: bool = strawberry.field(description="Whether it is the session of this request.")


@strawberry.type(description="A person whom the viewer may want to follow.")
class FollowSuggestion:
    user: User = strawberry.field(description="The person.")
    reason: SuggestionReason = strawberry.field(description="Why they are suggested.")
    mutual_follow_count: int = strawberry.field(description="How many of those whom the viewer follows follow them.")


@strawberry.type(description="The signed-in person. What only they may see is reachable from here alone.")
class Viewer:
    account: strawberry.Private[AccountRecord]
    email: str = strawberry.field(directives=SIGNED_IN_ALONE, description="The viewer's e-mail address.")
    date_of_birth: date | None = strawberry.field(
        directives=SIGNED_IN_ALONE, description="The viewer's date of birth, if given."
    )
    is_email_verified: bool = strawberry.field(
        directives=BY_READ, description="Whether the address was verified by the token of a mail."
    )
    pending_email: str | None = strawberry.field(
        directives=SIGNED_IN_ALONE,
        description="The address that waits for its verification, after changeEmail.",
    )

    @strawberry.field(directives=BY_READ, description="Their right to decide about others.")
    def role(self) -> Role:
        return self.account.role

    @strawberry.field(directives=BY_READ, description="The viewer as others see them.")
    def user(self) -> User:
        return present_user(self.account.user)

    @strawberry.field(directives=BY_UNREAD_COUNT, description="Number of unread notifications; 100 means 100 or more.")
    async def unread_notification_count(self, info: Info) -> int:
        return await notifications.unread_count(info.context.services, info.context.signed_in)

    @strawberry.field(directives=BY_READ, description="From whom the viewer wants notifications, for every kind.")
    async def notification_preferences(self, info: Info) -> list[NotificationPreference]:
        chosen = await notifications.preferences(info.context.stores.notifications, info.context.signed_in)
        return [NotificationPreference(kind=kind, audience=audience) for kind, audience in chosen.items()]

    bookmarks = _connection(
        "Viewer.bookmarks", bookmarks_of, tweet_connection, "Bookmarked tweets, latest bookmark first."
    )

    mentions = _connection("Viewer.mentions", mentions_of, tweet_connection, "Tweets that mention them, newest first.")

    blocked_users = _connection(
        "Viewer.blockedUsers",
        lambda services, *page: blocks.blocked_users(services.stores.users, *page),
        user_connection,
        "People the viewer blocks, latest block first.",
    )

    muted_users = _connection(
        "Viewer.mutedUsers",
        lambda services, *page: blocks.muted_users(services.stores.users, *page),
        user_connection,
        "People the viewer mutes, latest mute first.",
    )

    @strawberry.field(directives=BY_READ, description="Words and phrases that hide tweets from their home timeline.")
    async def muted_words(self, info: Info) -> list[str]:
        return await muted_words.muted_words(info.context.stores.users, info.context.signed_in)

    follow_requests = _connection(
        "Viewer.followRequests",
        lambda services, *page: follow_requests.pending_requests(services.stores.users, *page),
        user_connection,
        "People who asked to follow the viewer, latest request first.",
    )

    @strawberry.field(directives=BY_READ, description="Hashtags that the viewer follows, latest follow first.")
    async def followed_hashtags(self, info: Info) -> list[Hashtag]:
        found = await hashtags.followed_hashtags(info.context.stores.trends, info.context.signed_in)
        return [present_hashtag(one) for one in found]

    @strawberry.field(
        directives=BY_READ,
        description="Suggestions of people to follow: friends of friends, most mutual follows first, then people who "
        "are followed much and were active this week, most followers first; without people already followed, blocked "
        "or muted.",
    )
    async def who_to_follow(self, info: Info, first: First = 10) -> list[User]:
        found = await who_to_follow(info.context.stores.users, info.context.signed_in, first)
        return [present_user(one.user) for one in found]

    @strawberry.field(directives=BY_READ, description="The people of `whoToFollow`, each with the reason.")
    async def follow_suggestions(self, info: Info, first: First = 10) -> list[FollowSuggestion]:
        found = await who_to_follow(info.context.stores.users, info.context.signed_in, first)
        return [_suggestion(one) for one in found]

    campaigns = _connection(
        "Viewer.campaigns",
        campaigns_of,
        campaign_connection,
        "The viewer's campaigns, newest first, without those whose tweet is deleted.",
    )

    @strawberry.field(directives=SIGNED_IN_ALONE, description="Active sessions, most recently used first.")
    async def sessions(self, info: Info) -> list[Session]:
        identity = info.context.signed_in
        found = await sessions.list_sessions(info.context.stores.users, identity)
        return [_session(record, identity.session_id) for record in found]

    decisions = _connection(
        "Viewer.decisions",
        lambda services, *page: own_decisions(services.stores.moderation, *page),
        decision_connection,
        "What moderators decided about the viewer and what they wrote, newest first, also what stands no more.",
    )

    lists = _connection(
        "Viewer.lists",
        lambda services, *page: own_lists(services.stores.users, *page),
        connection_of_lists,
        "Lists of the viewer, newest first.",
    )

    @strawberry.field(directives=SIGNED_IN_ALONE, description="Tokens of the viewer that serve, newest first.")
    async def access_tokens(self, info: Info) -> list[AccessToken]:
        found = await access_tokens.of_viewer(info.context.stores.users, info.context.signed_in)
        return [present_access_token(record) for record in found]

    @strawberry.field(
        directives=SIGNED_IN_ALONE, description="The viewer's devices that are told by Web Push, newest session first."
    )
    async def push_subscriptions(self, info: Info) -> list[PushSubscription]:
        found = await push_subscriptions.of_viewer(info.context.stores.push, info.context.signed_in)
        return [present_push_subscription(info, record) for record in found]

    @strawberry.field(
        directives=BY_READ,
        description="Cursor of the newest home timeline item read, shared by all of the viewer's devices.",
    )
    async def home_read_cursor(self, info: Info) -> str | None:
        place = await read_marks.home_read(info.context.stores.timelines, info.context.signed_in)
        return None if place is None else write_cursor(info, HOME, place)


@strawberry.type(description="Result of a mutation of the viewer.")
class ViewerPayload:
    viewer: Viewer | None = strawberry.field(default=None, description="Null if the mutation was refused.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.type
class ViewerQuery:
    @strawberry.field(directives=BY_UNREAD_COUNT, description="Null without a valid access token.")
    async def viewer(self, info: Info) -> Viewer | None:
        return None if info.context.identity is None else await present_viewer(info)


async def present_viewer(info: Info) -> Viewer:
    account = await profiles.account_of(info.context.stores.users, info.context.signed_in)
    return Viewer(
        account=account,
        email=account.email,
        date_of_birth=account.date_of_birth,
        is_email_verified=account.is_email_verified,
        pending_email=account.pending_email,
    )


def _session(record: SessionRecord, current: SessionId) -> Session:
    return Session(
        id=global_id(NodeType.SESSION, record.id),
        device=record.device.kind,
        created_at=record.created_at,
        last_used_at=record.last_used_at,
        is_current=record.id == current,
    )


def _suggestion(one: Suggestion) -> FollowSuggestion:
    return FollowSuggestion(user=present_user(one.user), reason=one.reason, mutual_follow_count=one.mutuals)
