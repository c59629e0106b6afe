"""Advertisements in timelines, and what clients hand back of them: PromotedTweet, recordImpressions, recordAdClick."""

from typing import Annotated

import strawberry

from engine import read_field
from resolvers.ads import impressions
from resolvers.timelines.home_with_ads import Advertisement
from schema.request.context import Info
from schema.types import users
from schema.types.tweets import Person, Tweet, present_tweet
from schema.values.nodes import Node, NodeType, text_id_field
from schema.values.payloads import UserError, mutation_payload


@strawberry.type(description="An advertisement in the timeline; must be shown as such.")
class PromotedTweet(Node):
    advertisement: strawberry.Private[Advertisement]
    id: strawberry.ID = text_id_field(NodeType.PROMOTED_TWEET, "advertisement.token")
    impression_token = read_field(
        "advertisement.token",
        str,
        description="Hand back through recordImpressions once shown, recordAdClick once opened. "
        "Counts once, within 24 hours, for whom it was given to alone.",
    )

    @strawberry.field(description="What is advertised.")
    def tweet(self) -> Tweet:
        return present_tweet(self.advertisement.candidate.tweet, self.advertisement.shown)

    @strawberry.field(description="Who pays for it.")
    def advertiser(self) -> Person:
        return users.present_visible_user(self.advertisement.candidate.author)


@strawberry.type(description="What handing back impression tokens answers.")
class ImpressionsPayload:
    recorded: int | None = strawberry.field(
        default=None,
        description="How many counted now. One that is forged, expired, somebody else's or used counts 0, "
        "and so does one for which the campaign can't pay any more.",
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Why it was refused, else empty.")


@strawberry.type
class AdvertisementMutation:
    @strawberry.mutation(description="Says that advertisements were shown.")
    async def record_impressions(
        self,
        info: Info,
        tokens: Annotated[list[str], strawberry.argument(description="Of what was shown, at most 100.")],
    ) -> ImpressionsPayload:
        act = impressions.record_impressions(info.context.services, info.context.signed_in, tokens)
        return await mutation_payload(info, act, lambda number: ImpressionsPayload(recorded=number), ImpressionsPayload)

    @strawberry.mutation(description="Says that an advertisement was opened. Counts once its impression was recorded.")
    async def record_ad_click(
        self, info: Info, token: Annotated[str, strawberry.argument(description="Of what was opened.")]
    ) -> ImpressionsPayload:
        act = impressions.record_click(info.context.services, info.context.signed_in, token)
        return await mutation_payload(info, act, lambda number: ImpressionsPayload(recorded=number), ImpressionsPayload)


def present_advertisement(advertisement: Advertisement) -> PromotedTweet:
    return PromotedTweet(advertisement=advertisement)
