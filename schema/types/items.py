"""Timeline items: tweets, retweets, promoted tweets."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from core.ids import time_of
from datastore.records.items import ItemRecord, RetweetRecord
from datastore.timelines.rules import HydratedItem
from datastore.timelines.rules import TimelineItem as ItemInTimeline
from engine import Results, batch_field, derived_field
from resolvers.timelines.home_with_ads import Advertisement
from schema.request.context import Info
from schema.request.dataloader import load_all
from schema.types import users
from schema.types.advertisements import PromotedTweet, present_advertisement
from schema.types.tweet_people import Person
from schema.types.tweets import Tweet, present_existing_tweet, present_tweet
from schema.values.nodes import Node, NodeType, id_field


@strawberry.type(description="A retweet: a tweet that somebody showed to their own followers.")
class Retweet(Node):
    record: strawberry.Private[RetweetRecord]
    hydrated: strawberry.Private[HydratedItem | None] = None
    """The hydrated item, if the rules have just been applied to it."""
    id: strawberry.ID = id_field(NodeType.RETWEET, "record.id")

    @batch_field(description="The retweeted tweet.")
    @staticmethod
    def tweet(retweets: list["Retweet"], info: Info) -> Results[Tweet]:
        hydrated_items = [retweet.hydrated for retweet in retweets if retweet.hydrated and retweet.hydrated.tweet]
        if len(hydrated_items) == len(retweets):
            return [present_tweet(hydrated.tweet, hydrated) for hydrated in hydrated_items if hydrated.tweet]
        return load_all(info.context.items, [retweet.record.tweet_id for retweet in retweets], present_existing_tweet)

    @batch_field(description="The person who retweeted.")
    @staticmethod
    def user(retweets: list["Retweet"], info: Info) -> Results[Person]:
        posters = [retweet.hydrated.poster for retweet in retweets if retweet.hydrated and retweet.hydrated.poster]
        if len(posters) == len(retweets):
            return [users.present_user(poster) for poster in posters]
        return load_all(
            info.context.users, [retweet.record.author_id for retweet in retweets], users.present_existing_user
        )

    @derived_field(description="Time of the retweet.")
    def created_at(self) -> datetime:
        return time_of(self.record.id)


TimelineItem: TypeAlias = Annotated[
    Tweet | Retweet | PromotedTweet, strawberry.union("TimelineItem", description="An item of a timeline.")
]


def present_timeline_node(node: ItemInTimeline | Advertisement) -> Tweet | Retweet | PromotedTweet:
    return present_advertisement(node) if isinstance(node, Advertisement) else present_visible_item(node.shown)


def present_visible_item(hydrated: HydratedItem) -> Tweet | Retweet:
    """Presents an item to which the rules have just been applied."""
    item = hydrated.item
    return Retweet(record=item, hydrated=hydrated) if isinstance(item, RetweetRecord) else present_tweet(item, hydrated)


def present_item(item: ItemRecord) -> Tweet | Retweet:
    if isinstance(item, RetweetRecord):
        return Retweet(record=item)
    return present_tweet(item)
