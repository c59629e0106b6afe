"""The Tweet type and its lists."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import Annotated, Any

import strawberry

from core.devices import DeviceKind
from core.errors import CodedError, ErrorCode
from core.ids import TweetId, time_of
from core.reply_audience import ReplyAudience
from datastore.records.items import ItemRecord, TweetRecord
from datastore.timelines.rules import HydratedItem
from datastore.tweets.viewer_state import ViewerState
from engine import Internable, Results, batch_field, derived_field, read_field
from resolvers.pages import Page, PairPage
from resolvers.tweets import threads
from schema.request.context import Info
from schema.request.dataloader import load_some
from schema.types.entities import entities_field
from schema.types.media import media_field
from schema.types.revisions import quoted_revision_field, revisions_field
from schema.types.tweet_people import author_field, liked_by_field, retweeted_by_field
from schema.types.tweet_state import (
    count_field,
    muted_conversation_field,
    pinned_field,
    presents_same,
    reply_field,
    viewer_field,
)
from schema.values.connections import (
    After,
    First,
    PageInfo,
    page_info,
    pair_page_info,
    read_cursor,
    read_pair_cursor,
    write_cursor,
)
from schema.values.interned import intern_object
from schema.values.nodes import Node, NodeType, decode_id, global_id, id_field
from schema.values.scopes import BY_NOTIFICATIONS, BY_READ

REPLIES, TOP_REPLIES, QUOTES = "Tweet.replies", "Tweet.replies(TOP)", "Tweet.quotes"
OtherTweet = Annotated["Tweet", strawberry.lazy("schema.types.tweets")]


@strawberry.enum(description="Order of replies.")
class ReplySort(Enum):
    TOP = strawberry.enum_value("TOP", description="By likes, retweets and replies of their own, then newest.")
    LATEST = strawberry.enum_value("LATEST", description="Newest first.")


def _other_tweet_field(id_name: str, description: str) -> Any:  # noqa: ANN401 - a field
    """A tweet to which this one refers, by the name of its id in TweetRecord."""
    other_id: Callable[[TweetRecord], TweetId | None] = attrgetter(id_name)

    @batch_field(
        preloaded_at="record",
        preloaded_if=lambda record: other_id(record) is None,
        presented_by=lambda _record, _context: None,
        directives=BY_READ,
        description=description,
    )
    def resolve(tweets: list["Tweet"], info: Info) -> Results[OtherTweet | None]:
        return load_some(info.context.items, [other_id(tweet.record) for tweet in tweets], _present_found)

    return resolve


@strawberry.type(directives=BY_NOTIFICATIONS, description="A tweet: a post, a reply or a quote.")
class Tweet(Node, Internable):
    record: strawberry.Private[TweetRecord]
    hydrated: strawberry.Private[HydratedItem | None] = None
    """The hydrated item, if the rules have just been applied to it."""
    id: strawberry.ID = id_field(NodeType.TWEET, "record.id")

    text = read_field("record.text", str, description="1-280 weighted characters.")
    lang = read_field(
        "record.lang",
        str | None,
        description="Language of the text as guessed (BCP 47, such as en); null where it is short or uncertain.",
    )

    is_removed = read_field(
        "record.is_removed", bool, description="Whether a moderator removed it; its author alone sees it then."
    )

    @derived_field(description="Whether it is a reply, also to a deleted tweet.")
    def is_reply(self) -> bool:
        return self.record.reply_to is not None

    @derived_field(description="When it was posted.")
    def created_at(self) -> datetime:
        return time_of(self.record.id)

    author = author_field()
    content_warning = read_field(
        "record.content_warning", str | None, description="Shown before the text; text and pictures stand behind it."
    )
    is_sensitive = read_field(
        "record.is_sensitive",
        bool,
        description="Whether its author or a moderator says that its pictures are sensitive.",
    )
    reply_audience = read_field(
        "record.reply_audience",
        ReplyAudience,
        description="Who may answer, as its author chose; that of the thread's first tweet counts.",
    )

    is_pinned = pinned_field()
    viewer_can_reply = reply_field()

    @derived_field(description="When it was edited last; null if it never was.")
    def edited_at(self) -> datetime | None:
        return None if self.record.edit_id is None else time_of(self.record.edit_id)

    revisions = revisions_field()
    device = read_field("record.device.kind", DeviceKind, description="The kind of device it was posted from.")

    entities = entities_field()
    media = media_field()
    in_reply_to = _other_tweet_field(
        "reply_to", "The tweet that it answers; null if there is none or the viewer may not see it."
    )
    quoted = _other_tweet_field(
        "quoted_id", "The tweet that it quotes; null if there is none or the viewer may not see it."
    )
    quoted_revision = quoted_revision_field()

    @derived_field(description="Id of the tweet that started the thread; its own id for a tweet that is no reply.")
    def conversation_id(self) -> strawberry.ID:
        return global_id(NodeType.TWEET, self.record.conversation_id)

    reply_count = count_field("replies", "Number of replies.")
    like_count = count_field("likes", "Number of likes.")
    retweet_count = count_field("retweets", "Number of retweets.")
    quote_count = count_field("quotes", "Number of quotes.")
    viewer_has_liked = viewer_field("liked", "Whether the viewer likes it.")
    viewer_has_retweeted = viewer_field("retweeted", "Whether the viewer retweeted it.")
    viewer_has_bookmarked = viewer_field("bookmarked", "Whether it is among the viewer's bookmarks.")
    viewer_has_muted_conversation = muted_conversation_field()

    @strawberry.field(
        directives=BY_READ,
        description="The `first` nearest tweets of the thread above this one, down to the one that it answers.",
    )
    async def ancestors(self, info: Info, first: First = 20) -> list["Tweet"]:
        found = await threads.ancestors(info.context.services, info.context.identity, self.record, first)
        return [present_tweet(record) for record in found]

    @strawberry.field(directives=BY_READ, description="Replies to this tweet.")
    async def replies(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        sort: Annotated[ReplySort, strawberry.argument(description="Their order.")] = ReplySort.TOP,
    ) -> "TweetConnection":
        context = info.context
        if sort is ReplySort.TOP:
            start = read_pair_cursor(info, TOP_REPLIES, after)
            top = await threads.top_replies(context.services, context.identity, self.record, first, start)
            return top_connection(info, TOP_REPLIES, top)
        before = read_cursor(info, REPLIES, after)
        page = await threads.latest_replies(context.services, context.identity, self.record, first, before)
        return tweet_connection(info, REPLIES, page)

    @strawberry.field(directives=BY_READ, description="Tweets that quote it, newest first.")
    async def quotes(self, info: Info, first: First = 20, after: After = None) -> "TweetConnection":
        before, context = read_cursor(info, QUOTES, after), info.context
        page = await threads.quotes(context.services, context.identity, self.record, first, before)
        return tweet_connection(info, QUOTES, page)

    liked_by = liked_by_field()
    retweeted_by = retweeted_by_field()


@strawberry.type(description="One entry of a list of tweets.")
class TweetEdge:
    cursor: str = strawberry.field(description="Cursor of the entry.")
    node: Tweet = strawberry.field(description="The tweet.")


@strawberry.type(description="A page of a list of tweets.")
class TweetConnection:
    edges: list[TweetEdge] = strawberry.field(description="The entries of this page.")
    page_info: PageInfo = strawberry.field(description="Position of the page in the list.")


_interned_tweets = OrderedDict[tuple[TweetId, ViewerState], Tweet]()


def present_tweet(record: TweetRecord, hydrated: HydratedItem | None = None) -> Tweet:
    """`hydrated`, if the rules have just been applied: author, counts and viewer state are then not looked up."""
    if hydrated is None:
        return Tweet(record=record)
    key = record.id, hydrated.viewer_state
    known = _interned_tweets.get(key)
    if known is not None and known.record is record and presents_same(known.hydrated, hydrated):
        return known
    return intern_object(_interned_tweets, key, Tweet(record=record, hydrated=hydrated))


def present_existing_tweet(item: ItemRecord | None) -> Tweet:
    """Presents a visible tweet. Raises CodedError NOT_FOUND if it was deleted meanwhile."""
    if not isinstance(item, TweetRecord):
        raise CodedError(ErrorCode.NOT_FOUND, "This tweet was deleted a moment ago.")
    return present_tweet(item)


async def load_tweet(info: Info, tweet_id: TweetId | None) -> Tweet | None:
    """None if there is no such tweet or the viewer may not see it."""
    return None if tweet_id is None else _present_found(await info.context.items.load(tweet_id))


def _present_found(item: ItemRecord | None) -> Tweet | None:
    return present_tweet(item) if isinstance(item, TweetRecord) else None


def tweet_connection(info: Info, field: str, page: Page[TweetRecord]) -> TweetConnection:
    edges = [
        TweetEdge(cursor=write_cursor(info, field, edge.place), node=present_tweet(edge.node)) for edge in page.edges
    ]
    return TweetConnection(edges=edges, page_info=page_info(info, field, page))


def top_connection(info: Info, field: str, page: PairPage[TweetRecord]) -> TweetConnection:
    edges = [
        TweetEdge(cursor=write_cursor(info, field, *place), node=present_tweet(record)) for place, record in page.edges
    ]
    return TweetConnection(edges=edges, page_info=pair_page_info(info, field, page))


def decode_tweet_id(tweet_id: str) -> TweetId:
    """Raises BadInputError for anything but a tweet's id."""
    return TweetId(decode_id(tweet_id, NodeType.TWEET))
