"""Real clients of the real service lose their connections and miss no event."""

import pytest

from tests.clients.packages import NodePackages
from tests.support.people import sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_graphql_ws_and_graphql_sse_go_on_from_their_cursor(node: NodePackages, shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    stories = await node.run("resume.mjs", f"{shared_service.url}/graphql", alice.token)
    assert [story for story in stories if not story.passed] == []
    assert len(stories) == 2
