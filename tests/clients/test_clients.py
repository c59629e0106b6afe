"""Widely used clients, and the audits of their protocols, against one address."""

from itertools import groupby
from pathlib import Path

import pytest

from tests.clients.packages import NodePackages, Story

RECOVERY = Path(__file__).parents[2] / "docs" / "clients" / "recovery.md"

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


async def test_what_clients_show_after_faults_stands_in_the_documentation(node: NodePackages) -> None:
    stories = await node.run("recoveries.mjs", "")
    rows = [f"| {case} | {' | '.join(story.detail for story in same)} |" for case, same in groupby(stories, key=_case)]
    assert len(rows) == 19
    page = RECOVERY.read_text().splitlines()
    assert [row for row in rows if row not in page] == []


def _case(story: Story) -> str:
    return story.name.partition(": ")[0]
