"""Impressions and clicks of advertisements: recordImpressions, recordAdClick."""

from typing import Annotated

import strawberry

from resolvers.ads import impressions
from schema.request.context import Info
from schema.values.payloads import UserError, mutation_payload
from schema.values.scopes import BY_WRITE


@strawberry.type(description="Result of handing back impression tokens.")
class ImpressionsPayload:
    recorded: int | None = strawberry.field(
        default=None,
        description="Number of tokens that counted. A token that is forged, expired, used or somebody else's counts 0, "
        "and so does one for which the campaign can't pay.",
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.type
class AdvertisementMutation:
    @strawberry.mutation(directives=BY_WRITE, description="Records that advertisements were shown.")
    async def record_impressions(
        self,
        info: Info,
        tokens: Annotated[
            list[str],
            strawberry.argument(description="At most 100 impression tokens."),
        ],
    ) -> ImpressionsPayload:
        act = impressions.record_impressions(info.context.services, info.context.signed_in, tokens)
        return await mutation_payload(info, act, lambda number: ImpressionsPayload(recorded=number), ImpressionsPayload)

    @strawberry.mutation(
        directives=BY_WRITE,
        description="Records that an advertisement was opened. Counts if its impression was recorded.",
    )
    async def record_ad_click(
        self,
        info: Info,
        token: Annotated[str, strawberry.argument(description="Its impression token.")],
    ) -> ImpressionsPayload:
        act = impressions.record_click(info.context.services, info.context.signed_in, token)
        return await mutation_payload(info, act, lambda number: ImpressionsPayload(recorded=number), ImpressionsPayload)
