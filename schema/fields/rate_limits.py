"""The caller's rate limit: rateLimit."""

from datetime import datetime

import strawberry

from resolvers.rate_limit import Rate
from schema.request.context import Info
from schema.values.scopes import BY_READ


@strawberry.type(description="Rate limit in points, counted per person, or per IP address without sign-in.")
class RateLimit:
    cost: int = strawberry.field(
        description="Points of this operation: the objects that it may return, and the work of its fields."
    )
    limit: int = strawberry.field(description="Points per minute; all of them may be spent at once.")
    remaining: int = strawberry.field(description="Points left after this operation.")
    reset_at: datetime = strawberry.field(description="Time at which all points are available again if none are spent.")


@strawberry.type
class RateLimitQuery:
    @strawberry.field(directives=BY_READ, description="Cost of this operation, and the points left.")
    def rate_limit(self, info: Info) -> RateLimit:
        return present_rate(info.context.rate)


def present_rate(rate: Rate) -> RateLimit:
    return RateLimit(cost=rate.cost, limit=rate.limit, remaining=rate.remaining, reset_at=rate.reset_at)
