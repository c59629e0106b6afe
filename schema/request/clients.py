"""Clients: authentication of a request or socket, its scopes, and its expiry.

HTTP authenticates in two steps, to check the session and spend rate limit points in one round to Redis: `client_of`
verifies the token, `Client.for_operation` the session. A scoped token is looked up in the first step. Every operation,
over HTTP, sockets and event streams alike, passes `Client.for_operation`, which refuses what no scope covers.
"""

import asyncio
import time
from collections.abc import Mapping

from graphql import OperationType
from starlette.requests import HTTPConnection

from core.auth.tokens import utc_now
from core.errors import CodedError, ErrorCode, UnauthenticatedError, UnavailableError
from core.ids import UserId
from core.limits import LimitedAct
from core.runtime.tasks import not_cancelled
from resolvers.accounts.access_tokens import TokenCheck
from resolvers.accounts.credentials import authenticate, begin_check, end_channel, still_stands
from resolvers.accounts.sessions import SessionCheck, is_verified
from resolvers.identity import Identity
from resolvers.rate_limit import Rate, spend
from resolvers.services import Services
from schema.request.context import RequestContext
from schema.request.scopes import ScopeGuard
from schema.request.sign_ups import check_sign_ups
from subscriptions.broadcast import MessageSignal
from subscriptions.live import Live
from transport.execution.operations import Operation

_SCHEME = "bearer "
_HEADER = "authorization"
_UNDERSTOOD = {_HEADER, "headers"}
_BEFORE_VERIFICATION = frozenset(
    [
        *("verifyEmail", "resendVerification", "deleteAccount", "register", "login", "refreshTokens", "logout"),
        *("requestPasswordReset", "resetPassword", "__typename"),
    ]
)
_CHECK_SECONDS = 30.0
_RETRY_SECONDS = 1.0


class Client:
    """The client of one HTTP request, or of one socket with all its operations; `address` is its IP address."""

    def __init__(
        self,
        services: Services,
        live: Live,
        scopes: ScopeGuard,
        *,
        identity: Identity | None,
        address: str,
        session_check: SessionCheck | None = None,
    ) -> None:
        """`session_check`: a verified token whose session is not checked yet; then `identity` is None."""
        self._services, self._live, self._identity, self._address = services, live, identity, address
        self._scopes, self._session_check = scopes, session_check

    @property
    def person(self) -> UserId | None:
        return None if self._identity is None else self._identity.user_id

    async def for_operation(self, operation: Operation) -> RequestContext:
        """Raises RateLimitedError if the operation costs more points than are left, or signs up several people.

        Raises CodedError FORBIDDEN for what no scope of a scoped token covers.

        Raises UnavailableError for a mutation while MongoDB is unreachable; it would wait long and then fail. Raises
        CodedError FORBIDDEN for a mutation of somebody who has to verify their address first.
        """
        began = time.monotonic() if self._session_check is None else self._session_check.began
        if operation.kind is OperationType.MUTATION:
            await self._services.stores.mongo.ensure_reachable()
        rate = await self._admit(max(operation.cost, 1))
        if self._identity is not None and self._identity.grant is not None:
            self._scopes.check(operation, self._identity.grant.scopes)
        if operation.kind is OperationType.MUTATION:
            if LimitedAct.SIGN_UP in self._services.act_limits:
                check_sign_ups(operation)
            await self._check_verified(operation)
        return RequestContext(
            self._services, self._live, identity=self._identity, address=self._address, rate=rate, since=began
        )

    async def _check_verified(self, operation: Operation) -> None:
        """Raises CodedError FORBIDDEN for acts of somebody who has to verify their address first."""
        identity, services = self._identity, self._services
        if identity is None or identity.is_verified or not services.account_rules.requires_verification:
            return
        if operation.root_fields <= _BEFORE_VERIFICATION or await is_verified(services.stores.users, identity):
            return
        raise CodedError(
            ErrorCode.FORBIDDEN,
            "Verify your e-mail address first: verifyEmail takes the token of the mail, resendVerification sends one.",
        )

    async def charge_refusal(self, points: int) -> None:
        """Spends points for a request that is not executed. Raises RateLimitedError."""
        await self._admit(points)

    async def _admit(self, cost: int) -> Rate:
        """Checks the session and spends points in one round; a session that just ended still costs its user once."""
        session_check, self._session_check = self._session_check, None
        if session_check is not None:
            spending = spend(self._services, session_check.claimed, self._address, cost)
            self._identity = await _verified(session_check)
            if self._identity is not None:
                return await spending
        return await spend(self._services, self._identity, self._address, cost)

    async def expired(self) -> None:
        """Returns when the token has run out, was revoked or its session has ended; never without a token."""
        identity = self._identity
        if identity is None:
            await asyncio.Event().wait()
            return
        remaining = (identity.expires_at - utc_now()).total_seconds()
        try:
            async with asyncio.timeout(max(remaining, 0)):
                await self._ended(identity)
        except TimeoutError:
            return

    async def _ended(self, identity: Identity) -> None:
        signal = MessageSignal()
        with self._live.broadcast.on_message(end_channel(identity), signal):
            while not_cancelled():
                pause = _CHECK_SECONDS
                try:
                    if not await still_stands(self._services.stores.users, identity):
                        return
                except UnavailableError:
                    pause = _RETRY_SECONDS
                await signal.wait(pause)


async def client_of(
    services: Services,
    live: Live,
    scopes: ScopeGuard,
    connection: HTTPConnection,
    payload: Mapping[str, object] | None,
) -> Client:
    """An invalid token counts as none over HTTP; for a socket it raises UnauthenticatedError, as does a payload that
    holds something else: its client would believe to be signed in. A token of another origin is FORBIDDEN on both.
    """
    address = connection.client.host if connection.client else ""
    services.served_at.note(connection.scope.get("server"))
    origin = connection.headers.get("origin")
    if connection.scope["type"] == "websocket":
        given = _authorization_of(payload or {})
        identity = None if given is None else await authenticate(services, _token(given), origin)
        return Client(services, live, scopes, identity=identity, address=address)
    check = _check_of(services, connection.headers.get("authorization"), origin)
    if isinstance(check, SessionCheck) and check.is_cached:
        return Client(services, live, scopes, identity=None, address=address, session_check=check)
    identity = None if check is None else await _verified(check)
    return Client(services, live, scopes, identity=identity, address=address)


def _authorization_of(payload: Mapping[str, object]) -> object:
    """The value of `authorization`, in whatever case, in the payload or in its `headers`; None if absent or null."""
    headers = next((value for name, value in payload.items() if name.lower() == "headers"), None)
    given = [
        value
        for part in (payload, headers)
        if isinstance(part, Mapping)
        for name, value in part.items()
        if name.lower() == _HEADER and value is not None
    ]
    if len(set(map(str, given))) > 1:
        raise UnauthenticatedError("The payload has several authorizations that differ.")
    is_understood = headers is None or isinstance(headers, Mapping)
    if not given and not (is_understood and all(name.lower() in _UNDERSTOOD for name in payload)):
        raise UnauthenticatedError('The payload is not understood: send {"authorization": "Bearer <accessToken>"}.')
    return given[0] if given else None


def _check_of(services: Services, header: str | None, origin: str | None) -> SessionCheck | TokenCheck | None:
    if header is None:
        return None
    try:
        return begin_check(services, _token(header), origin)
    except UnauthenticatedError:
        return None


async def _verified(check: SessionCheck | TokenCheck) -> Identity | None:
    try:
        return await check.identity()
    except UnauthenticatedError:
        return None


def _token(given: object) -> str:
    if not isinstance(given, str) or not given.lower().startswith(_SCHEME):
        raise UnauthenticatedError("Send `Bearer <accessToken>` as authorization.")
    return given[len(_SCHEME) :].strip()
