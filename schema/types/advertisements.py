"""Advertisements in timelines: PromotedTweet."""

import strawberry

from engine import read_field
from resolvers.auction.auction import TargetingReason
from resolvers.timelines.home_with_ads import Advertisement
from schema.types import users
from schema.types.tweet_people import Person
from schema.types.tweets import Tweet, present_tweet
from schema.values import enums  # noqa: F401 - describes the reasons before they are used
from schema.values.nodes import Node, NodeType, text_id_field


@strawberry.type(description="An advertisement in the timeline; must be shown as such.")
class PromotedTweet(Node):
    advertisement: strawberry.Private[Advertisement]
    id: strawberry.ID = text_id_field(NodeType.PROMOTED_TWEET, "advertisement.token")
    impression_token = read_field(
        "advertisement.token",
        str,
        description="Pass to recordImpressions when shown, and to recordAdClick when opened. "
        "Counts once, within 24 hours, for the viewer to whom it was issued.",
    )

    reasons = read_field(
        "advertisement.reasons", list[TargetingReason], description="Why this viewer is shown it; at least one reason."
    )

    @strawberry.field(description="The advertised tweet.")
    def tweet(self) -> Tweet:
        return present_tweet(self.advertisement.candidate.tweet, self.advertisement.shown)

    @strawberry.field(description="The advertiser.")
    def advertiser(self) -> Person:
        return users.present_visible_user(self.advertisement.candidate.author)


def present_advertisement(advertisement: Advertisement) -> PromotedTweet:
    return PromotedTweet(advertisement=advertisement)
