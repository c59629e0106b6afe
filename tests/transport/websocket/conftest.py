"""A server with one endpoint, and sockets to it."""

from collections.abc import AsyncIterator

import pytest
import uvicorn

from tests.transport.stub import Stub, endpoint, served
from tests.transport.websocket.graphql_socket import LIMITS, Socket, ready_socket_to, socket_to
from transport.asgi import RookeryGraphQL


@pytest.fixture
def graphql(stub: Stub) -> RookeryGraphQL:
    return endpoint(stub, limits=LIMITS, allowed_origins=["https://app.example"])


@pytest.fixture
async def server(graphql: RookeryGraphQL) -> AsyncIterator[uvicorn.Server]:
    async with served(graphql, LIMITS) as server:
        yield server


@pytest.fixture
async def fresh(server: uvicorn.Server) -> AsyncIterator[Socket]:
    """Before its connection_init."""
    async with socket_to(server) as socket:
        yield socket


@pytest.fixture
async def ready(server: uvicorn.Server) -> AsyncIterator[Socket]:
    async with ready_socket_to(server) as socket:
        yield socket
