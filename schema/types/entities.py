"""Entities of a tweet's text: mentions, hashtags, links."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from core.ids import UserId
from core.text.entities import HashtagEntity as HashtagRecord
from core.text.entities import Url
from datastore.records.items import TweetRecord
from engine import Results, batch_field
from schema.request.context import Info
from schema.types import users
from schema.types.tweet_state import HydratedTweet
from schema.values.scopes import BY_NOTIFICATIONS

if TYPE_CHECKING:
    from schema.types.users import User

Person = Annotated["User", strawberry.lazy("schema.types.users")]


@strawberry.type(directives=BY_NOTIFICATIONS, description="Somebody named by @handle in a tweet.")
class MentionEntity:
    user_id: strawberry.Private[UserId | None]
    handle: str = strawberry.field(description="The handle as written, without the @.")
    start: int = strawberry.field(description="Start, including the @, in Unicode code points of the text.")
    end: int = strawberry.field(description="End, exclusive.")

    @strawberry.field(directives=BY_NOTIFICATIONS, description="The mentioned person; null if nobody had this handle.")
    async def user(self, info: Info) -> Person | None:
        record = None if self.user_id is None else await info.context.users.load(self.user_id)
        return None if record is None else users.present_user(record)


@strawberry.type(directives=BY_NOTIFICATIONS, description="A hashtag in a tweet.")
class HashtagEntity:
    tag: str = strawberry.field(description="The hashtag as written, without the #.")
    start: int = strawberry.field(description="Start, including the #, in Unicode code points of the text.")
    end: int = strawberry.field(description="End, exclusive.")


@strawberry.type(directives=BY_NOTIFICATIONS, description="A link in a tweet.")
class UrlEntity:
    url: str = strawberry.field(description="The URL as written.")
    start: int = strawberry.field(description="Start, in Unicode code points of the text.")
    end: int = strawberry.field(description="End, exclusive.")


@strawberry.type(
    directives=BY_NOTIFICATIONS,
    description="Entities of a tweet. Offsets count Unicode code points of its text; end is exclusive.",
)
class TweetEntities:
    mentions: list[MentionEntity] = strawberry.field(
        directives=BY_NOTIFICATIONS, description="People, in the order of the text."
    )
    hashtags: list[HashtagEntity] = strawberry.field(
        directives=BY_NOTIFICATIONS, description="Hashtags, in the order of the text."
    )
    urls: list[UrlEntity] = strawberry.field(
        directives=BY_NOTIFICATIONS, description="Links, in the order of the text."
    )


def entities_field() -> Any:  # noqa: ANN401 - a field of Tweet
    @batch_field(
        preloaded_at="record",
        presented_by=lambda record, _context: present_entities(record),
        directives=BY_NOTIFICATIONS,
        description="Mentions, hashtags and links of the text.",
    )
    def resolve(tweets: list[HydratedTweet], info: Info) -> Results[TweetEntities]:  # noqa: ARG001 - as batches are called
        return [present_entities(tweet.record) for tweet in tweets]

    return resolve


def present_entities(record: TweetRecord) -> TweetEntities:
    found = record.entities
    mentions = [
        MentionEntity(user_id=user_id, handle=mention.handle, start=mention.start, end=mention.end)
        for mention, user_id in zip(found.mentions, record.mentioned, strict=True)
    ]
    return TweetEntities(
        mentions=mentions, hashtags=[_hashtag(tag) for tag in found.hashtags], urls=[_url(url) for url in found.urls]
    )


def _hashtag(found: HashtagRecord) -> HashtagEntity:
    return HashtagEntity(tag=found.tag, start=found.start, end=found.end)


def _url(found: Url) -> UrlEntity:
    return UrlEntity(url=found.url, start=found.start, end=found.end)
