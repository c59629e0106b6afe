"""The User type and its lists."""

from collections import OrderedDict
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from core.errors import CodedError, ErrorCode
from core.ids import UserId, time_of
from datastore.records.users import UserRecord
from engine import Internable, derived_field, read_field
from resolvers.graph import follows
from resolvers.pages import Page
from resolvers.timelines.pages import PageOrder
from resolvers.timelines.user import UserTimeline, user_timeline
from resolvers.tweets import likes
from schema.request.context import Info, RequestContext
from schema.types.relationships import Relationship, present_relationship
from schema.types.user_state import avatar_field, banner_field, bio_field, count_field
from schema.values.connections import After, First, PageInfo, page_info, read_cursor, write_cursor
from schema.values.interned import intern_object
from schema.values.nodes import Node, NodeType, decode_id, id_field
from schema.values.scopes import BY_NOTIFICATIONS, BY_READ

if TYPE_CHECKING:
    from schema.types.timelines import TimelineConnection
    from schema.types.tweets import Tweet, TweetConnection

TWEETS, LIKES = "User.tweets", "User.likes"
FOLLOWERS, FOLLOWING, KNOWN = "User.followers", "User.following", "User.followersYouKnow"

Tweets = Annotated["TweetConnection", strawberry.lazy("schema.types.tweets")]
PinnedTweet = Annotated["Tweet", strawberry.lazy("schema.types.tweets")]
Timeline = Annotated["TimelineConnection", strawberry.lazy("schema.types.timelines")]


@strawberry.enum(description="Kinds of tweets in a user timeline.")
class UserTweets(Enum):
    TWEETS = strawberry.enum_value("TWEETS", description="Without replies to others, but with threads of their own.")
    TWEETS_AND_REPLIES = strawberry.enum_value("TWEETS_AND_REPLIES", description="All.")


@strawberry.type(directives=BY_NOTIFICATIONS, description="A person.")
class User(Node, Internable):
    record: strawberry.Private[UserRecord]
    visible: strawberry.Private[UserRecord | None] = None
    """The same record, if the rules have just been applied: the viewer may see what this user does."""
    id: strawberry.ID = id_field(NodeType.USER, "record.id")

    handle = read_field(
        "record.handle",
        str,
        description="Unique, case-insensitive, 1-15 of letters, digits and underscore; without the @.",
    )
    name = read_field("record.name", str, description="Display name, 1-50 characters.")
    is_protected = read_field(
        "record.is_protected", bool, description="Whether only accepted followers see their tweets."
    )
    is_verified = read_field(
        "record.is_verified", bool, description="Whether the operator of the service verified their identity."
    )

    bio = bio_field()
    avatar_url = avatar_field()
    banner_url = banner_field()

    @derived_field(description="When the account was registered.")
    def joined_at(self) -> datetime:
        return time_of(self.record.id)

    follower_count = count_field("followers", "Number of followers.")
    following_count = count_field("following", "Number of people whom they follow.")
    tweet_count = count_field("tweets", "Number of their tweets, replies and quotes.")

    @strawberry.field(
        directives=BY_READ,
        description="The user timeline, newest first; empty if the account is protected and the viewer may not see it.",
    )
    async def tweets(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        include: Annotated[
            UserTweets, strawberry.argument(description="Whether to include replies to others.")
        ] = UserTweets.TWEETS,
    ) -> Timeline:
        order = PageOrder(first, read_cursor(info, TWEETS, after))
        with_replies = include is UserTweets.TWEETS_AND_REPLIES
        context = info.context
        wanted = UserTimeline(self.record.id, with_replies, context.since)
        page = await user_timeline(context.services, context.identity, wanted, order)
        from schema.types.timelines import profile_connection  # noqa: PLC0415 - timelines import tweets, which import users

        return profile_connection(info, TWEETS, page)

    @strawberry.field(
        directives=BY_READ,
        description="The tweet that stands first on the profile; null if there is none or the viewer may not see it.",
    )
    async def pinned_tweet(self, info: Info) -> PinnedTweet | None:
        from schema.types.tweets import load_tweet  # noqa: PLC0415 - tweets import users

        return await load_tweet(info, self.record.pinned)

    @strawberry.field(directives=BY_READ, description="Tweets that they like, latest like first.")
    async def likes(self, info: Info, first: First = 20, after: After = None) -> Tweets:
        before, context = read_cursor(info, LIKES, after), info.context
        page = await likes.likes_of(context.services, context.identity, self.record.id, first, before)
        from schema.types.tweets import tweet_connection  # noqa: PLC0415 - tweets import users

        return tweet_connection(info, LIKES, page)

    @strawberry.field(
        directives=BY_READ,
        description="Their followers, newest first; empty where the viewer may not see their tweets. For others it "
        "leaves out people whose acts the viewer may not see.",
    )
    async def followers(self, info: Info, first: First = 20, after: After = None) -> "UserConnection":
        before, context = read_cursor(info, FOLLOWERS, after), info.context
        page = await follows.followers(context.stores.users, context.identity, self.record.id, first, before)
        return user_connection(info, FOLLOWERS, page)

    @strawberry.field(
        directives=BY_READ,
        description="People whom they follow, newest first; empty where the viewer may not see their tweets.",
    )
    async def following(self, info: Info, first: First = 20, after: After = None) -> "UserConnection":
        before, context = read_cursor(info, FOLLOWING, after), info.context
        page = await follows.following(context.stores.users, context.identity, self.record.id, first, before)
        return user_connection(info, FOLLOWING, page)

    @strawberry.field(
        directives=BY_READ,
        description="Their followers whom the viewer follows, newest first; empty where the viewer may not see their "
        "tweets.",
    )
    async def followers_you_know(self, info: Info, first: First = 20, after: After = None) -> "UserConnection":
        before, context = read_cursor(info, KNOWN, after), info.context
        page = await follows.followers_you_know(context.stores.users, context.identity, self.record.id, first, before)
        return user_connection(info, KNOWN, page)

    @strawberry.field(
        directives=BY_READ, description="The viewer's relationship to this person; null without a viewer."
    )
    async def relationship(self, info: Info) -> Relationship | None:
        if info.context.identity is None:
            return None
        return present_relationship(self.record.id, await info.context.relationships.load(self.record.id))


@strawberry.type(description="One entry of a list of people.")
class UserEdge:
    cursor: str = strawberry.field(description="Cursor of the entry.")
    node: User = strawberry.field(description="The person.")


@strawberry.type(description="A page of a list of people.")
class UserConnection:
    edges: list[UserEdge] = strawberry.field(description="The entries of this page.")
    page_info: PageInfo = strawberry.field(description="Position of the page in the list.")


_interned_users = OrderedDict[UserId, User]()


def present_user(record: UserRecord) -> User:
    return User(record=record)


def present_visible_user(record: UserRecord, _context: RequestContext | None = None) -> User:
    """Presents a user to whom the rules have just been applied for the viewer."""
    known = _interned_users.get(record.id)
    if known is not None and known.record is record:
        return known
    return intern_object(_interned_users, record.id, User(record=record, visible=record))


def present_existing_user(record: UserRecord | None) -> User:
    """Presents a visible user. Raises CodedError NOT_FOUND if the account was deleted meanwhile."""
    if record is None:
        raise CodedError(ErrorCode.NOT_FOUND, "This account was deleted a moment ago.")
    return present_user(record)


def decode_user_id(user_id: str) -> UserId:
    """Raises BadInputError for anything but a user's id."""
    return UserId(decode_id(user_id, NodeType.USER))


def user_connection(info: Info, field: str, page: Page[UserRecord]) -> UserConnection:
    edges = [
        UserEdge(cursor=write_cursor(info, field, edge.place), node=present_user(edge.node)) for edge in page.edges
    ]
    return UserConnection(edges=edges, page_info=page_info(info, field, page))
