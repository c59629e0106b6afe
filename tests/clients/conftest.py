"""A running endpoint over the stub schema, and the clients that talk to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.clients.packages import NodePackages, node_packages
from tests.transport.stub import Stub, endpoint, served, url_of


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> NodePackages:
    scratch: Path = tmp_path_factory.mktemp("node")
    return node_packages(scratch)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address() -> AsyncIterator[str]:
    async with served(endpoint(Stub())) as server:
        yield f"{url_of(server)}/graphql"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def incremental_address() -> AsyncIterator[str]:
    """As `address`, with @defer and @stream."""
    async with served(endpoint(Stub(), incremental=True)) as server:
        yield f"{url_of(server)}/graphql"
