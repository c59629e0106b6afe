"""Scoped tokens: made with the password, listed and revoked by their owner, presented in place of an access token."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import structlog

from core.auth.scoped_tokens import PresentedSecret, new_secret
from core.auth.scopes import Scope
from core.auth.tokens import utc_now
from core.errors import CodedError, ErrorCode, RefusalError, UnauthenticatedError, UnavailableError, UserErrorCode
from core.ids import AccessTokenId, SnowflakeMaker
from core.text.text import clean_name
from datastore.auth.access_tokens import MOST_TOKENS, AccessTokenRecord
from datastore.cache.pending_read import resolve_reads
from datastore.users.stores import UserStores
from resolvers.accounts.login_throttle import throttled_attempt
from resolvers.accounts.sessions import check_password
from resolvers.identity import NO_SESSION, Grant, Identity
from resolvers.input_errors import InputErrors
from resolvers.services import Services

SHORTEST_DAYS, LONGEST_DAYS = 1, 365
_LONGEST_ORIGIN = 300
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@\\]+", re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WantedToken:
    """`origin`: the only one whose pages may use it; None for all."""

    name: str
    scopes: Sequence[Scope]
    origin: str | None
    days: int


class TokenCheck:
    """The lookup of a presented token, for a request with this Origin header."""

    def __init__(self, services: Services, presented: PresentedSecret, origin: str | None) -> None:
        """Begins the lookup."""
        self._services, self._presented, self._origin = services, presented, origin
        self._token = services.stores.users.access_tokens.begin_read(presented.token_id, time.monotonic())

    async def identity(self) -> Identity:
        """Raises UnauthenticatedError if it is unknown, revoked or has run out, FORBIDDEN for another origin."""
        await resolve_reads(self._token)
        token = self._token.found.get(self._presented.token_id)
        if token is None or not self._presented.fits(token.digest) or token.expires_at <= utc_now():
            raise UnauthenticatedError("This token is not valid, was revoked, or has run out.")
        if token.origin is not None and token.origin != self._origin:
            raise CodedError(ErrorCode.FORBIDDEN, "This token serves the pages of one origin alone, and not this one.")
        await self._note_use(token)
        return Identity(token.user_id, NO_SESSION, token.expires_at, Grant(token.id, frozenset(token.scopes)))

    async def _note_use(self, token: AccessTokenRecord) -> None:
        try:
            await self._services.stores.users.access_tokens.note_use(token)
        except UnavailableError as error:
            _log.warning("use of a token not noted", error=repr(error))


async def create(
    services: Services, identity: Identity, wanted: WantedToken, password: str, *, address: str
) -> tuple[AccessTokenRecord, str]:
    """The token and its secret, which nobody can read again.

    Raises RefusalError with every invalid field, RateLimitedError after too many wrong passwords.
    """
    name, origin = _checked(wanted)
    accounts = services.stores.users.accounts
    before = await accounts.get_account(identity.user_id)
    async with throttled_attempt(services, "createAccessToken", str(identity.user_id), address):
        await check_password(services, identity, password, "input", "password", address=address)
    record, secret = _made(services.stores.ids, identity, wanted, name=name, origin=origin)
    if not await services.stores.users.access_tokens.insert(record):
        raise RefusalError.of(
            UserErrorCode.CONFLICT, f"You have {MOST_TOKENS} tokens. Revoke one that you do not need.", "input"
        )
    after = await accounts.get_account(identity.user_id)
    if before is None or after is None or before.password_hash != after.password_hash:
        # The password was reset, or the account deleted, beside this: what that revoked stays revoked.
        await services.stores.users.access_tokens.delete(identity.user_id, record.id)
        message = "The password was changed meanwhile."
        raise RefusalError.of(UserErrorCode.WRONG_CREDENTIALS, message, "input", "password")
    return record, secret


async def revoke(users: UserStores, identity: Identity, token_id: AccessTokenId) -> AccessTokenId:
    """Raises RefusalError NOT_FOUND for a token that the viewer does not have."""
    if not await users.access_tokens.delete(identity.user_id, token_id):
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "You have no such token.", "id")
    return token_id


async def of_viewer(users: UserStores, identity: Identity) -> list[AccessTokenRecord]:
    """The viewer's own that serve, the newest first."""
    return await users.access_tokens.of_user(identity.user_id)


async def get_own(users: UserStores, identity: Identity | None, token_id: AccessTokenId) -> AccessTokenRecord | None:
    """None for a token of somebody else. Raises FORBIDDEN for a viewer who came by a token."""
    if identity is None:
        return None
    token = await users.access_tokens.get(token_id)
    if token is None or token.user_id != identity.user_id:
        return None
    if identity.grant is not None:
        raise CodedError(ErrorCode.FORBIDDEN, "No scope of a token covers tokens: this needs a sign-in.")
    return token


def clean_origin(raw: str) -> str:
    """The origin as browsers send it: scheme and host in lower case, without the scheme's own port.

    Raises ValueError for anything else than scheme, host and port.
    """
    text = raw.strip().rstrip("/").lower()
    if len(text) > _LONGEST_ORIGIN or not text.isascii() or not _ORIGIN.fullmatch(text):
        raise ValueError("no origin")
    parts = urlsplit(text)
    if not parts.hostname or parts.port == 0:
        raise ValueError("no host or port")
    if parts.port is not None and parts.port == _DEFAULT_PORTS.get(parts.scheme):
        return text.rpartition(":")[0]
    return text


def _checked(wanted: WantedToken) -> tuple[str, str | None]:
    """Name and origin as they are stored. Raises RefusalError."""
    errors = InputErrors()
    name, origin = errors.clean("name", clean_name, wanted.name), None
    if not wanted.scopes:
        errors.add("scopes", UserErrorCode.INVALID, "A token needs one scope at least.")
    if not SHORTEST_DAYS <= wanted.days <= LONGEST_DAYS:
        errors.add("days", UserErrorCode.INVALID, f"A token lasts {SHORTEST_DAYS} to {LONGEST_DAYS} days.")
    if wanted.origin is not None:
        try:
            origin = clean_origin(wanted.origin)
        except ValueError:
            message = "An origin is a scheme and a host, such as https://example.org, with a port where it has one."
            errors.add("origin", UserErrorCode.INVALID, message)
    errors.raise_if_any()
    return name, origin


def _made(
    ids: SnowflakeMaker, identity: Identity, wanted: WantedToken, *, name: str, origin: str | None
) -> tuple[AccessTokenRecord, str]:
    token_id, now = AccessTokenId(ids()), utc_now().replace(microsecond=0)
    secret, digest = new_secret(token_id)
    scopes = tuple(scope for scope in Scope if scope in wanted.scopes)
    expires_at = now + timedelta(days=wanted.days)
    return AccessTokenRecord(token_id, identity.user_id, name, scopes, digest, origin, now, expires_at), secret
