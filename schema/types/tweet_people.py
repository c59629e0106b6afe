"""Fields of a tweet that are people: its author, and lists of those who acted on it."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from engine import Results, batch_field
from resolvers.tweets import likes, retweets
from schema.request.context import Info
from schema.request.dataloader import load_all
from schema.types import users
from schema.types.tweet_state import HydratedTweet
from schema.values.connections import After, First, read_cursor
from schema.values.scopes import BY_NOTIFICATIONS, BY_READ

if TYPE_CHECKING:
    from schema.types.users import User, UserConnection

LIKED_BY, RETWEETED_BY = "Tweet.likedBy", "Tweet.retweetedBy"
Person = Annotated["User", strawberry.lazy("schema.types.users")]
People = Annotated["UserConnection", strawberry.lazy("schema.types.users")]


def author_field() -> Any:  # noqa: ANN401 - a field
    @batch_field(
        preloaded_at="hydrated.author",
        presented_by=users.present_visible_user,
        description="The author.",
        directives=BY_NOTIFICATIONS,
    )
    def resolve(tweets: list[HydratedTweet], info: Info) -> Results[Person]:
        authors = [tweet.hydrated.author for tweet in tweets if tweet.hydrated and tweet.hydrated.author]
        if len(authors) == len(tweets):
            return [users.present_visible_user(author) for author in authors]
        return load_all(info.context.users, [tweet.record.author_id for tweet in tweets], users.present_existing_user)

    return resolve


def liked_by_field() -> Any:  # noqa: ANN401 - a field
    @strawberry.field(
        directives=BY_READ,
        description="People who like it, latest like first; for others than the author without people whose acts "
        "the viewer may not see.",
    )
    async def resolve(self: HydratedTweet, info: Info, first: First = 20, after: After = None) -> People:
        before, context = read_cursor(info, LIKED_BY, after), info.context
        page = await likes.liked_by(context.services, context.identity, self.record, first, before)
        return users.user_connection(info, LIKED_BY, page)

    return resolve


def retweeted_by_field() -> Any:  # noqa: ANN401 - a field
    @strawberry.field(
        directives=BY_READ,
        description="People who retweeted it, latest retweet first; for others than the author without people whose "
        "acts the viewer may not see.",
    )
    async def resolve(self: HydratedTweet, info: Info, first: First = 20, after: After = None) -> People:
        before, context = read_cursor(info, RETWEETED_BY, after), info.context
        page = await retweets.retweeted_by(context.services, context.identity, self.record, first, before)
        return users.user_connection(info, RETWEETED_BY, page)

    return resolve
