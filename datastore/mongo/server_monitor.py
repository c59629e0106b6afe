"""Reachability of MongoDB as the driver's background monitors see it, so that calls fail fast during an outage."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from core.errors import UnavailableError
from core.runtime.tasks import not_cancelled

_GRACE_SECONDS = 0.6
_FAIL_FAST_SECONDS = 2.0
_POLL_SECONDS = 0.1


class ServerMonitor:
    """Watches the deployment of one client."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._refused_at = float("-inf")

    async def ensure_reachable(self) -> None:
        """Raises UnavailableError if no server answers and none comes back within 0.6 s.

        If some answer but none is primary, an election is under way and the call may wait for it. For 2 s after a
        refusal, calls are refused without waiting.
        """
        began = time.monotonic()
        grace_seconds = 0.0 if began < self._refused_at + _FAIL_FAST_SECONDS else _GRACE_SECONDS
        while self._is_unreachable():
            now = time.monotonic()
            if now >= began + grace_seconds:
                self._refused_at = now
                raise UnavailableError("The database")
            await asyncio.sleep(_POLL_SECONDS)

    @asynccontextmanager
    async def required(self) -> AsyncIterator[None]:
        """Raises TimeoutError if the whole deployment becomes unreachable while the body runs."""
        async with asyncio.timeout(None) as limit:
            watching = asyncio.create_task(self._expire_if_unreachable(limit))
            try:
                yield
            finally:
                watching.cancel()

    async def _expire_if_unreachable(self, limit: asyncio.Timeout) -> None:
        try:
            while not_cancelled():
                await asyncio.sleep(_POLL_SECONDS)
                await self.ensure_reachable()
        except UnavailableError:
            limit.reschedule(asyncio.get_running_loop().time())

    def _is_unreachable(self) -> bool:
        """False until the monitors have checked once."""
        deployment = self._client.topology_description
        servers = deployment.server_descriptions().values()
        return not deployment.has_known_servers and all(server.error for server in servers)
