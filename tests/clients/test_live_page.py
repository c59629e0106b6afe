"""The snippets of docs/live.md work as described: they follow a timeline as it changes."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from tests.clients.packages import NodePackages
from tests.support.people import sign_up
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "live.md").read_text()


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


async def test_the_snippets_in_javascript_follow_a_timeline(node: NodePackages, shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    modules = []
    for number, snippet in enumerate(snippets("js")):
        modules.append(f"snippet-{number}.mjs")
        (node.folder / modules[-1]).write_text(snippet)
    stories = await node.run("live.mjs", f"{shared_service.url}/graphql", alice.token, *modules)
    assert [story for story in stories if not story.passed] == []
    assert [story.name for story in stories] == modules == ["snippet-0.mjs", "snippet-1.mjs"]


async def test_the_snippet_in_python_follows_a_timeline(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await alice.follow(bob)
    await shared_service.settle()
    (snippet,) = snippets("python")
    scope: dict[str, Any] = {}
    exec(compile(snippet, "docs/live.md", "exec"), scope)  # noqa: S102 - our own page
    shown: list[list[str]] = []

    def show(items: list[dict[str, Any]]) -> None:
        shown.append([item["text"] for item in items])

    following = asyncio.create_task(scope["follow_home"](f"{shared_service.url}/graphql", alice.token, show))
    try:
        await eventually(lambda: shown)
        tweet = await bob.post("first")
        await eventually(lambda: shown[-1] == ["first"])
        await bob.post("second")
        await eventually(lambda: shown[-1] == ["second", "first"])
        await bob.delete(tweet)
        await eventually(lambda: shown[-1] == ["second"])
        await alice.unfollow(bob)
        await eventually(lambda: shown[-1] == [])
        await alice.follow(bob)
        await eventually(lambda: shown[-1] == ["second"])
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
