"""Services: everything that use cases need, opened once per process."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.auth.media_tokens import MediaSignatures, UploadTokens
from core.auth.tokens import AccessTokens, ImpressionTokens, RefreshTokens
from core.cursors import CursorCodec
from core.limits import Limit, LimitedAct
from core.rates import ProcessLimiter
from core.settings import Settings, SignUp, Switch, signing_keys
from datastore.stores import Stores
from resolvers.auction.inventory import AdInventory, open_ad_inventory
from resolvers.passwords import Passwords, open_passwords
from resolvers.screening import Screen


@dataclass(frozen=True, slots=True)
class AccountRules:
    """`is_mail_on`: whether mails leave. `requires_verification`: who has not verified an address can only read."""

    is_mail_on: bool
    requires_verification: bool
    minimum_age: int
    sign_up: SignUp


class ServedAddress:
    """The address at which this process is served, for links in mails and of pictures where no setting names one.

    It is that of the socket, not of a header, which a client could choose.
    """

    def __init__(self, public_url: str | None) -> None:
        self._given, self._url = public_url, ""

    @property
    def url(self) -> str:
        """Beginning of addresses; empty where no setting names it and no request has come."""
        return self._given or self._url

    @property
    def words(self) -> dict[str, str]:
        """For the template of a mail; empty where a setting names the address, or no request has come."""
        return {"public_url": self._url} if self._url else {}

    def note(self, server: tuple[str, int | None] | None) -> None:
        """`server`: host and port of a request's socket, as ASGI tells them."""
        if self._given is not None or self._url or server is None or server[1] is None:
            return
        host, port = server
        self._url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@dataclass(frozen=True, slots=True)
class Services:
    stores: Stores
    cursors: CursorCodec
    access_tokens: AccessTokens
    refresh_tokens: RefreshTokens
    impression_tokens: ImpressionTokens
    upload_tokens: UploadTokens
    media_signatures: MediaSignatures
    passwords: Passwords
    ad_inventory: AdInventory
    screen: Screen
    ad_spacing: int
    is_rate_limited: bool
    act_limits: Mapping[LimitedAct, Limit]
    reviews_ads: bool
    process_limiter: ProcessLimiter
    account_rules: AccountRules
    served_at: ServedAddress
    media_limit: int
    push_to_loopback: bool


@asynccontextmanager
async def open_services(stores: Stores, settings: Settings) -> AsyncIterator[Services]:
    keys = signing_keys(settings)
    is_rate_limited = settings.rate_limit is Switch.ON
    with open_passwords(is_shared_out=is_rate_limited) as passwords:
        async with open_ad_inventory(
            stores, settings.ad_spacing, requires_verification=settings.requires_verification
        ) as ad_inventory:
            yield Services(
                stores=stores,
                cursors=CursorCodec(keys),
                access_tokens=AccessTokens(keys),
                refresh_tokens=RefreshTokens(keys),
                impression_tokens=ImpressionTokens(keys),
                upload_tokens=UploadTokens(keys),
                media_signatures=MediaSignatures(keys),
                passwords=passwords,
                ad_inventory=ad_inventory,
                screen=Screen(stores),
                ad_spacing=settings.ad_spacing,
                is_rate_limited=is_rate_limited,
                act_limits=settings.act_limits,
                reviews_ads=settings.reviews_ads,
                process_limiter=ProcessLimiter(),
                account_rules=_account_rules(settings),
                served_at=ServedAddress(settings.public_url),
                media_limit=settings.media_limit,
                push_to_loopback=settings.push_to_loopback is Switch.ON,
            )


def _account_rules(settings: Settings) -> AccountRules:
    return AccountRules(
        is_mail_on=settings.is_mail_on,
        requires_verification=settings.requires_verification,
        minimum_age=settings.minimum_age,
        sign_up=settings.sign_up,
    )
