"""Idle connections are kept longer than proxies and clients keep them."""

import uvicorn

from tests.transport.stub import Stub, endpoint, served, url_of
from transport.server.uvicorn_protocols import IDLE_SECONDS


async def test_idle_connection_is_kept_for_75_seconds() -> None:
    async with served(endpoint(Stub())) as server:
        assert url_of(server)
        assert isinstance(server.config, uvicorn.Config)
        assert server.config.timeout_keep_alive == IDLE_SECONDS == 75
