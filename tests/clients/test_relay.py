"""Relay's compiler and runtime on the served schema."""

import pytest

from tests.clients.packages import NodePackages
from tests.support.people import HOME, codes, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

BACKWARD = HOME.replace("$first: Int!", "$last: Int!").replace("first: $first", "last: $last")


async def test_relay_compiler_and_the_relay_rules_of_eslint_find_nothing(
    node: NodePackages, shared_service: Service
) -> None:
    stories = await node.run("relay.mjs", f"{shared_service.url}/graphql")
    assert [story for story in stories if not story.passed] == []
    assert len(stories) == 2


async def test_backward_pages_take_last_as_relay_names_it(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    for number in range(4):
        await alice.post(f"tweet {number}")
    await shared_service.settle()
    oldest = (await alice.home())["edges"][-1]["cursor"]
    page = (await alice.ask(BACKWARD, last=2, before=oldest))["homeTimeline"]
    assert [edge["node"]["text"] for edge in page["edges"]] == ["tweet 2", "tweet 1"]
    for wrong in ({"last": 2}, {"last": 0, "before": oldest}):
        answer = await shared_service.ask(BACKWARD, wrong, alice.token)
        assert codes(answer) == ["BAD_USER_INPUT"]
