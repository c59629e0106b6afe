"""Who is at the other end of a request or socket, and for how long they may stay."""

import asyncio
from collections.abc import Mapping

from graphql import OperationType
from starlette.requests import HTTPConnection

from core.auth.tokens import utc_now
from core.errors import UnauthenticatedError, UnavailableError
from core.ids import UserId
from core.runtime.tasks import not_cancelled
from resolvers.accounts.sessions import SessionCheck, authenticate, session_channel, session_exists
from resolvers.identity import Identity
from resolvers.rate_limit import Rate, spend
from resolvers.services import Services
from schema.request.context import RequestContext
from subscriptions.broadcast import MessageSignal
from subscriptions.live import Live
from transport.execution.operations import Operation

_SCHEME = "bearer "
_LOOK_EVERY_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 1.0


class Client:
    """One HTTP request, or one socket with all its operations; `address` is where it comes from."""

    def __init__(
        self,
        services: Services,
        live: Live,
        identity: Identity | None,
        address: str,
        likely: SessionCheck | None = None,
    ) -> None:
        """`likely`: who it is, if their session still stands; then there is no `identity` yet."""
        self._services, self._live, self._identity, self._address = services, live, identity, address
        self._likely = likely

    @property
    def person(self) -> UserId | None:
        return None if self._identity is None else self._identity.user_id

    async def for_operation(self, operation: Operation) -> RequestContext:
        """Raises RateLimitedError where the operation costs more than is left.

        Raises UnavailableError for a mutation while MongoDB is gone: it would wait long, and be refused in the end.
        """
        if operation.kind is OperationType.MUTATION:
            await self._services.stores.mongo.ensure_reachable()
        rate = await self._admission(max(operation.cost, 1))
        return RequestContext(self._services, self._live, identity=self._identity, address=self._address, rate=rate)

    async def _admission(self, cost: int) -> Rate:
        """Session and points in one round: a session that ended within seconds costs its person one operation."""
        likely, self._likely = self._likely, None
        if likely is not None:
            spending = spend(self._services, likely.claimed, self._address, cost)
            self._identity = await _standing(likely)
            if self._identity is not None:
                return await spending
        return await spend(self._services, self._identity, self._address, cost)

    async def expired(self) -> None:
        """Returns when the access token has run out or its session has ended; never without a session."""
        identity = self._identity
        if identity is None:
            await asyncio.Event().wait()
            return
        lasting = (identity.expires_at - utc_now()).total_seconds()
        try:
            async with asyncio.timeout(max(lasting, 0)):
                await self._session_ended(identity)
        except TimeoutError:
            return

    async def _session_ended(self, identity: Identity) -> None:
        signal = MessageSignal()
        with self._live.broadcast.on_message(session_channel(identity), signal):
            while not_cancelled():
                pause = _LOOK_EVERY_SECONDS
                try:
                    if not await session_exists(self._services, identity):
                        return
                except UnavailableError:
                    pause = _LOOK_AGAIN_SECONDS
                await signal.wait(pause)


async def client_of(
    services: Services,
    live: Live,
    connection: HTTPConnection,
    payload: Mapping[str, object] | None,
) -> Client:
    """Over HTTP a token that is not valid counts as none; a socket is refused for it with UnauthenticatedError."""
    address = connection.client.host if connection.client else ""
    if connection.scope["type"] == "websocket":
        given = (payload or {}).get("authorization")
        identity = None if given is None else await authenticate(services, _token(given))
        return Client(services, live, identity, address)
    recognised = _recognised(services, connection.headers.get("authorization"))
    if recognised is None or recognised.is_cached:
        return Client(services, live, None, address, recognised)
    return Client(services, live, await _standing(recognised), address)


def _recognised(services: Services, header: str | None) -> SessionCheck | None:
    if header is None:
        return None
    try:
        return SessionCheck(services, _token(header))
    except UnauthenticatedError:
        return None


async def _standing(recognised: SessionCheck) -> Identity | None:
    try:
        return await recognised.identity()
    except UnauthenticatedError:
        return None


def _token(given: object) -> str:
    if not isinstance(given, str) or not given.lower().startswith(_SCHEME):
        raise UnauthenticatedError("Send `Bearer <accessToken>` as authorization.")
    return given[len(_SCHEME) :].strip()
