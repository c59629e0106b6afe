"""Services: everything that use cases need, opened once per process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.auth.tokens import AccessTokens, ImpressionTokens, RefreshTokens
from core.cursors import CursorCodec
from core.rates import ProcessLimiter
from core.settings import Settings, Switch, signing_keys
from datastore.stores import Stores
from resolvers.auction.inventory import AdInventory, open_ad_inventory
from resolvers.passwords import Passwords, open_passwords


@dataclass(frozen=True, slots=True)
class Services:
    stores: Stores
    cursors: CursorCodec
    access_tokens: AccessTokens
    refresh_tokens: RefreshTokens
    impression_tokens: ImpressionTokens
    passwords: Passwords
    ad_inventory: AdInventory
    ad_spacing: int
    is_rate_limited: bool
    process_limiter: ProcessLimiter


@asynccontextmanager
async def open_services(stores: Stores, settings: Settings) -> AsyncIterator[Services]:
    keys = signing_keys(settings)
    is_rate_limited = settings.rate_limit is Switch.ON
    with open_passwords(is_shared_out=is_rate_limited) as passwords:
        async with open_ad_inventory(stores, settings.ad_spacing) as ad_inventory:
            yield Services(
                stores=stores,
                cursors=CursorCodec(keys),
                access_tokens=AccessTokens(keys),
                refresh_tokens=RefreshTokens(keys),
                impression_tokens=ImpressionTokens(keys),
                passwords=passwords,
                ad_inventory=ad_inventory,
                ad_spacing=settings.ad_spacing,
                is_rate_limited=is_rate_limited,
                process_limiter=ProcessLimiter(),
            )
