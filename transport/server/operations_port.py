"""Operations port: a second port of the process, for what is not for clients, such as metrics and readiness."""

import asyncio
import socket
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from core.errors import RookeryError


class PortTakenError(RookeryError):
    """The operations port can't be listened on; the text names it."""


@dataclass(frozen=True, slots=True)
class OperationsPort:
    """`is_shared`: several processes listen on it, and each answers for all."""

    app: ASGIApp
    host: str
    port: int
    is_shared: bool = False

    @asynccontextmanager
    async def served(self, protocol: type[asyncio.Protocol], state: MutableMapping[str, Any]) -> AsyncIterator[None]:
        """Serves by uvicorn's `protocol`. `state` is that of the scopes. Raises PortTakenError."""
        config = uvicorn.Config(self.app, lifespan="off", log_config=None, access_log=False)
        config.load()
        shared, loop = ServerState(), asyncio.get_running_loop()

        def connected() -> asyncio.Protocol:
            return protocol(config=config, server_state=shared, app_state=state)  # type: ignore[call-arg]

        server = await loop.create_server(connected, sock=self._listening())
        try:
            yield
        finally:
            server.close()
            for connection in list(shared.connections):
                connection.shutdown()

    def _listening(self) -> socket.socket:
        try:
            family = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0][0]
            return socket.create_server((self.host, self.port), family=family, reuse_port=self.is_shared)
        except OSError as error:
            message = f"The operations port {self.port} of {self.host} can't be had: {error.strerror}."
            raise PortTakenError(message) from None
