"""Impressions and clicks of advertisements: recordImpressions, recordAdClick."""

from typing import Annotated

import strawberry

from resolvers.ads import impressions
from schema.request.context import Info
from schema.values.payloads import UserError, mutation_payload


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
