"""Impressions and clicks by token. A forged, expired, foreign or used token counts nothing, without an error."""

from collections.abc import Sequence

from core.auth.tokens import ImpressionClaims, ImpressionTokens
from core.errors import BadInputError
from core.runtime.metrics import AD_CLICKS, AD_IMPRESSIONS, AD_SPENT_CENTS
from datastore.ads.campaigns import MILLICENTS
from datastore.ads.impressions import Recorded
from resolvers.auction.inventory import AdInventory
from resolvers.identity import Identity
from resolvers.services import Services

MOST_TOKENS = 100


async def record_impressions(services: Services, identity: Identity, tokens: Sequence[str]) -> int:
    """The number of tokens that counted. Raises BadInputError for more than MOST_TOKENS."""
    if len(tokens) > MOST_TOKENS:
        raise BadInputError(f"At most {MOST_TOKENS} tokens, not {len(tokens)}.")
    claims = [
        claims for token in tokens if (claims := _own_claims(services.impression_tokens, identity, token)) is not None
    ]
    if not claims:
        return 0
    recorded = await services.stores.ads.impressions.record(identity.user_id, claims)
    if recorded.number:
        await services.stores.ads.interests.invalidate(identity.user_id)
    AD_IMPRESSIONS.inc(recorded.number)
    AD_SPENT_CENTS.inc(recorded.paid / MILLICENTS)
    return _update_inventory(services.ad_inventory, recorded)


async def record_click(services: Services, identity: Identity, token: str) -> int:
    """1 if the click counted, which the first click on a recorded impression does; otherwise 0."""
    claims = _own_claims(services.impression_tokens, identity, token)
    if claims is None:
        return 0
    recorded = await services.stores.ads.impressions.record_click(claims)
    AD_CLICKS.inc(recorded.number)
    return _update_inventory(services.ad_inventory, recorded)


def _own_claims(impression_tokens: ImpressionTokens, identity: Identity, token: str) -> ImpressionClaims | None:
    claims = impression_tokens.check(token)
    return claims if claims is not None and claims.viewer_id == identity.user_id else None


def _update_inventory(ad_inventory: AdInventory, recorded: Recorded) -> int:
    ad_inventory.update(*recorded.campaigns)
    return recorded.number
