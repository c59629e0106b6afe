"""Handing back impression tokens. One that is forged, expired, somebody else's or used counts nothing, in silence."""

from collections.abc import Sequence

from core.auth.tokens import ImpressionClaims
from core.errors import BadInputError
from datastore.ads.impressions import Recorded
from resolvers.identity import Identity
from resolvers.services import Services

MOST_TOKENS = 100


async def record_impressions(services: Services, identity: Identity, tokens: Sequence[str]) -> int:
    """How many of the tokens counted now. Raises BadInputError for too many."""
    if len(tokens) > MOST_TOKENS:
        raise BadInputError(f"At most {MOST_TOKENS} tokens, not {len(tokens)}.")
    claims = [claims for token in tokens if (claims := _own(services, identity, token)) is not None]
    if not claims:
        return 0
    recorded = await services.stores.ads.impressions.record(identity.user_id, claims)
    if recorded.number:
        await services.stores.ads.interests.forget(identity.user_id)
    return _noted(services, recorded)


async def record_click(services: Services, identity: Identity, token: str) -> int:
    """1 where the click counted: the first of an impression that was recorded; else 0."""
    claims = _own(services, identity, token)
    return 0 if claims is None else _noted(services, await services.stores.ads.impressions.record_click(claims))


def _own(services: Services, identity: Identity, token: str) -> ImpressionClaims | None:
    claims = services.impression_tokens.check(token)
    return claims if claims is not None and claims.viewer_id == identity.user_id else None


def _noted(services: Services, recorded: Recorded) -> int:
    services.offers.note(*recorded.campaigns)
    return recorded.number
