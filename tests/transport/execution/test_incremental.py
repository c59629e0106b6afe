"""Incremental parts: merged by their paths alone, as clients of 2022 do, they are the whole answer."""

import json
from typing import Any

import pytest

from tests.transport.stub import Stub, endpoint, http_client

DOCUMENTS = [
    "{ items(first: 5) @stream(initialCount: 2) { number } }",
    "{ items(first: 5) @stream { number } }",
    "{ items(first: 3) @stream(initialCount: 9) { number } }",
    "{ items(first: 4) @stream(initialCount: 1) { number ... @defer { author { items(first: 1) { number } } } } }",
    "{ hello ... @defer { items(first: 4) @stream(initialCount: 1) { number } } }",
    "{ items(first: 2) { number author { items(first: 3) @stream(initialCount: 1) { number } } } }",
    "{ items(first: 3) @stream(initialCount: 1) { author { items(first: 3) @stream(initialCount: 1) { number } } } }",
    "{ a: items(first: 3) @stream(initialCount: 1) { number } b: items(first: 4) @stream(initialCount: 2) { number } }",
]


async def parts(document: str) -> list[dict[str, Any]]:
    async with http_client(endpoint(Stub(), incremental=True)) as client:
        answer = await client.post("/graphql", json={"query": document}, headers={"accept": "multipart/mixed"})
    return [json.loads(line) for line in answer.text.splitlines() if line.startswith("{")]


async def whole(document: str) -> dict[str, Any]:
    """The answer to the same document without the directives."""
    plain = document.replace("@stream(initialCount: 1)", "").replace("@stream(initialCount: 2)", "")
    plain = plain.replace("@stream(initialCount: 9)", "").replace("@stream", "").replace("@defer", "")
    async with http_client(endpoint(Stub())) as client:
        answer: dict[str, Any] = (await client.post("/graphql", json={"query": plain})).json()
    return answer


def merge(data: Any, part: dict[str, Any]) -> None:
    """Puts an incremental result where its path says; items must follow those that are there."""
    *above, last = [*part["path"], None] if "data" in part else part["path"]
    for step in above:
        data = data[step]
    if "items" in part:
        assert last == len(data)
        data.extend(part["items"])
    else:
        data.update(part["data"])


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_parts_merged_by_path_are_the_whole_answer(document: str) -> None:
    first, *later = await parts(document)
    for part in later:
        for one in part.get("incremental", ()):
            merge(first["data"], one)
    assert {"data": first["data"]} == await whole(document)
