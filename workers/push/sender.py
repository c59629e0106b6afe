"""Sends pushes to push services (RFC 8030), each service by connections of its own.

Failure policy: a service that is away, slow, or says that it can't is asked again later; what it says about one address
ends that address or counts against it. None of it is UnavailableError, which would stop the worker for all.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from enum import StrEnum
from ssl import SSLContext
from time import monotonic
from typing import Final, NamedTuple, TypeAlias

import httpcore
import structlog

from core.push.endpoints import Endpoint, EndpointError, parse_endpoint
from core.push.keys import VapidKeys
from core.push.messages import authorization, encrypted
from datastore.push.subscriptions import PushSubscriptionRecord
from workers.push.guarded import GuardedBackend, PrivateAddressError
from workers.push.messages import PushMessage
from workers.push.services import PushService, RestingError

_SECONDS: Final = 8.0
_TIMEOUTS: Final = {"connect": 3.0, "read": 5.0, "write": 5.0, "pool": 5.0}
_KEPT_SECONDS, _TOKEN_SECONDS = 60.0, 3_600.0
_MOST_CONNECTIONS, _MOST_SERVICES = 64, 1_000
_LOOKUPS: Final = 8
_LONGEST_RETRY: Final = 3_600.0
_OK, _MULTIPLE, _MANY, _SERVER = 200, 300, 429, 500
_GONE = (404, 410)
_log = structlog.get_logger()


MessageOf: TypeAlias = Callable[[], Awaitable[PushMessage | None]]


class Outcome(StrEnum):
    SENT = "sent"
    GONE = "gone"
    REFUSED = "refused"
    FAILED = "failed"
    PUT_OFF = "put_off"
    SILENT = "silent"


class Answer(NamedTuple):
    """`retry_seconds`: how long the service, or this process, wants to wait; 0 where nobody says.

    `told`: id of the newest act that the device has heard of by the push, where it was sent.
    """

    outcome: Outcome
    retry_seconds: float = 0.0
    told: int = 0


class _Service:
    """A push service with its connections, and the token that is for it."""

    def __init__(self, pool: httpcore.AsyncConnectionPool, state: PushService) -> None:
        self.pool, self.state = pool, state
        self._token, self._signed_at = "", 0.0

    def token(self, keys: VapidKeys, origin: str, subject: str) -> str:
        if not self._token or monotonic() - self._signed_at > _TOKEN_SECONDS:
            self._token, self._signed_at = authorization(keys, origin, subject), monotonic()
        return self._token


class PushSender:
    """`subject`: an address of the operator, for push services. Names of services that never answered are looked up in
    threads of their own, since a lookup can't be ended.
    """

    def __init__(self, keys: VapidKeys, subject: str, *, allows_loopback: bool) -> None:
        self._keys, self._subject, self._allows_loopback = keys, subject, allows_loopback
        self._services: dict[str, _Service] = {}
        self._known, self._unknown = ThreadPoolExecutor(_LOOKUPS), ThreadPoolExecutor(_LOOKUPS)
        self._ssl: SSLContext = httpcore.default_ssl_context()

    async def send(self, subscription: PushSubscriptionRecord, message_of: MessageOf) -> Answer:
        """`message_of` is asked once the service has a turn for it; None, and nothing is sent, if there is none."""
        try:
            endpoint = parse_endpoint(subscription.endpoint, allows_loopback=self._allows_loopback)
        except EndpointError:
            return Answer(Outcome.REFUSED)
        service = await self._service(endpoint)
        try:
            async with service.state.turn():
                message = await message_of()
                if message is None:
                    return Answer(Outcome.SILENT)
                return await self._attempt(service, endpoint, subscription, message)
        except RestingError as error:
            return Answer(Outcome.PUT_OFF, error.seconds)

    async def close(self) -> None:
        for executor in (self._known, self._unknown):
            executor.shutdown(wait=False, cancel_futures=True)
        for service in self._services.values():
            await service.pool.aclose()

    async def _attempt(
        self, service: _Service, endpoint: Endpoint, subscription: PushSubscriptionRecord, message: PushMessage
    ) -> Answer:
        body = encrypted(message.payload, subscription.p256dh, subscription.auth)
        headers: Mapping[bytes | str, bytes | str] = {
            "Authorization": service.token(self._keys, endpoint.origin, self._subject),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(message.ttl_seconds),
            "Topic": message.topic,
            "Urgency": message.urgency,
        }
        try:
            async with asyncio.timeout(_SECONDS):
                status, retry = await _post(service.pool, endpoint.url, headers, body)
        except PrivateAddressError:
            service.state.failed()
            return Answer(Outcome.REFUSED)
        except (TimeoutError, OSError, *_FAILURES) as error:
            service.state.failed()
            _log.info("push failed", service=endpoint.origin, error=repr(error))
            return Answer(Outcome.FAILED)
        return _judged(service.state, status, retry)._replace(told=message.newest)

    async def _service(self, endpoint: Endpoint) -> _Service:
        known = self._services.get(endpoint.origin)
        if known is None:
            await self._forget_idle()
            known = self._services.setdefault(endpoint.origin, self._opened())
        return known

    def _opened(self) -> _Service:
        state = PushService()
        backend = GuardedBackend(
            lambda: self._known if state.has_answered else self._unknown, allows_loopback=self._allows_loopback
        )
        pool = httpcore.AsyncConnectionPool(
            self._ssl,
            max_connections=_MOST_CONNECTIONS,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=backend,
        )
        return _Service(pool, state)

    async def _forget_idle(self) -> None:
        """Bounds what strangers' services take of memory."""
        if len(self._services) < _MOST_SERVICES:
            return
        idle = [origin for origin, service in self._services.items() if service.state.is_idle]
        for service in [self._services.pop(origin) for origin in idle]:
            await service.pool.aclose()


@asynccontextmanager
async def open_sender(keys: VapidKeys, subject: str, *, allows_loopback: bool) -> AsyncIterator[PushSender]:
    sender = PushSender(keys, subject, allows_loopback=allows_loopback)
    try:
        yield sender
    finally:
        await sender.close()


_FAILURES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol)


async def _post(
    pool: httpcore.AsyncConnectionPool, url: str, headers: Mapping[bytes | str, bytes | str], body: bytes
) -> tuple[int, str]:
    """Status and Retry-After. Of the answer's body one piece is read at most: it says nothing that is needed."""
    extensions = {"timeout": _TIMEOUTS}
    async with pool.stream("POST", url, headers=headers, content=body, extensions=extensions) as answer:
        stream = answer.aiter_stream()
        await anext(stream, b"")
        retry = next((value for name, value in answer.headers if name.lower() == b"retry-after"), b"")
        return answer.status, retry.decode("ascii", "replace")


def _judged(state: PushService, status: int, retry: str) -> Answer:
    if status in _GONE:
        state.answered()
        return Answer(Outcome.GONE)
    if _OK <= status < _MULTIPLE:
        state.answered()
        return Answer(Outcome.SENT)
    if status != _MANY and status < _SERVER:
        state.answered()
        return Answer(Outcome.REFUSED)
    state.failed()
    return Answer(Outcome.FAILED, min(float(retry), _LONGEST_RETRY) if retry.isdecimal() else 0.0)
