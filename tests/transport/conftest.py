"""A stub of an application, and a client of its endpoint."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.transport.stub import Stub, endpoint, http_client


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
async def client(stub: Stub) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(endpoint(stub)) as client:
        yield client
