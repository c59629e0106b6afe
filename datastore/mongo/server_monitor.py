"""Whether any server of MongoDB is there, as the driver's monitors know, who ask all the time."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from core.errors import UnavailableError
from core.runtime.tasks import not_cancelled

_GONE_SECONDS = 0.6
_GONE_FOR_SECONDS = 2.0
_LOOK_SECONDS = 0.1


class Presence:
    """Of the deployment that a client is of."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._refused_at = float("-inf")

    async def refuse_if_gone(self) -> None:
        """Raises UnavailableError where no server at all answers, and none comes back at once.

        Where some do, but none of them is the primary, another is being elected: that is worth the wait. Who comes soon
        after somebody was refused is refused at once.
        """
        began = time.monotonic()
        patience_seconds = 0.0 if began < self._refused_at + _GONE_FOR_SECONDS else _GONE_SECONDS
        while self._is_gone():
            now = time.monotonic()
            if now >= began + patience_seconds:
                self._refused_at = now
                raise UnavailableError("The database")
            await asyncio.sleep(_LOOK_SECONDS)

    @asynccontextmanager
    async def needed(self) -> AsyncIterator[None]:
        """Raises TimeoutError where the whole deployment goes meanwhile."""
        async with asyncio.timeout(None) as limit:
            watching = asyncio.create_task(self._end_if_gone(limit))
            try:
                yield
            finally:
                watching.cancel()

    async def _end_if_gone(self, limit: asyncio.Timeout) -> None:
        try:
            while not_cancelled():
                await asyncio.sleep(_LOOK_SECONDS)
                await self.refuse_if_gone()
        except UnavailableError:
            limit.reschedule(asyncio.get_running_loop().time())

    def _is_gone(self) -> bool:
        """False before the monitors asked first."""
        deployment = self._client.topology_description
        servers = deployment.server_descriptions().values()
        return not deployment.has_known_servers and all(server.error for server in servers)
