"""Widely used clients, and the audits of their protocols, against one address."""

import pytest

from tests.clients.packages import NodePackages

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_audit_of_graphql_over_http_is_ok(node: NodePackages, address: str) -> None:
    stories = await node.run("audits.mjs", address)
    assert [story for story in stories if not story.passed] == []
    assert len(stories) == 61


async def test_graphql_ws_graphql_sse_urql_and_apollo_work_on_one_address(node: NodePackages, address: str) -> None:
    stories = await node.run("stories.mjs", address)
    assert [story for story in stories if not story.passed] == []
    assert len(stories) == 21


async def test_apollo_of_2022_and_urql_read_streamed_lists(node: NodePackages, incremental_address: str) -> None:
    stories = await node.run("incremental.mjs", incremental_address)
    assert [story for story in stories if not story.passed] == []
    assert len(stories) == 6
