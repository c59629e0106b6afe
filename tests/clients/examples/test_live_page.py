"""The snippets of docs/live.md work as described: they follow a timeline as it changes, longer than a token lasts."""

import asyncio
import re
import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.clients.examples.short_tokens import shorten_tokens
from tests.clients.packages import NodePackages
from tests.support.people import PASSWORD, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "live.md").read_text()


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


async def test_the_snippets_in_javascript_follow_a_timeline(
    node: NodePackages, shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await sign_up(shared_service, "alice")
    shorten_tokens(monkeypatch)
    shutil.copy(DOCS / "clients" / "session.js", node.folder)
    modules = []
    for number, snippet in enumerate(snippets("js")):
        modules.append(f"snippet-{number}.mjs")
        (node.folder / modules[-1]).write_text(snippet)
    stories = await node.run("examples/live.mjs", f"{shared_service.url}/graphql", alice.handle, PASSWORD, *modules)
    assert [story for story in stories if not story.passed] == []
    assert [story.name for story in stories] == modules == ["snippet-0.mjs", "snippet-1.mjs"]


async def test_the_snippet_in_python_follows_a_timeline(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await alice.follow(bob)
    await shared_service.settle()
    (snippet,) = snippets("python")
    scope: dict[str, Any] = {}
    exec(compile(snippet, "docs/live.md", "exec"), scope)  # noqa: S102 - our own page
    shown: list[list[str]] = []

    def show(items: list[dict[str, Any]]) -> None:
        shown.append([item["text"] for item in items])

    shorten_tokens(monkeypatch)
    make_session = runpy.run_path(str(DOCS / "clients" / "python" / "session.py"))["Session"]
    session = await asyncio.to_thread(make_session, f"{shared_service.url}/graphql", alice.handle, PASSWORD)
    following = asyncio.create_task(scope["follow_home"](session, show))
    try:
        await eventually(lambda: shown)
        tweet = await bob.post("first")
        await eventually(lambda: shown[-1] == ["first"])
        token = session.token
        await eventually(lambda: session.token not in (token, None))
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
