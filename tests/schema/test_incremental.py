"""@defer and @stream on the service's schema: the parts together are the whole answer."""

import json
from typing import Any

import pytest

from tests.support.people import sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPT = {"accept": "multipart/mixed"}
DEFERRED = "query($handle: String!) { user(handle: $handle) { handle ... @defer { followerCount tweetCount } } }"
STREAMED = """query($handle: String!) { user(handle: $handle) { tweets(first: 3) {
  edges @stream(initialCount: 1) { node { ... on Tweet { text } } } } } }"""


async def parts(service: Service, document: str, handle: str) -> list[dict[str, Any]]:
    body = {"query": document, "variables": {"handle": handle}}
    answer = await service.http.post("/graphql", json=body, headers=ACCEPT)
    assert answer.headers["content-type"].startswith("multipart/mixed")
    found = [json.loads(line) for line in answer.text.splitlines() if line.startswith("{")]
    assert [part["hasNext"] for part in found] == [True] * (len(found) - 1) + [False]
    return found


async def test_a_deferred_fragment_follows_the_rest(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    first, *later = await parts(shared_service, DEFERRED, alice.handle)
    assert first["data"] == {"user": {"handle": alice.handle}}
    (deferred,) = [one for part in later for one in part.get("incremental", ())]
    assert (deferred["path"], deferred["data"]) == (["user"], {"followerCount": 0, "tweetCount": 0})


async def test_a_streamed_list_arrives_item_by_item(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    for number in range(3):
        await alice.post(f"tweet {number}")
    first, *later = await parts(shared_service, STREAMED, alice.handle)
    items = list(first["data"]["user"]["tweets"]["edges"])
    items += [item for part in later for one in part.get("incremental", ()) for item in one["items"]]
    assert [item["node"]["text"] for item in items] == ["tweet 2", "tweet 1", "tweet 0"]
    assert len(first["data"]["user"]["tweets"]["edges"]) == 1
    streamed = [one for part in later for one in part.get("incremental", ())]
    at = 1
    for one in streamed:
        assert one["path"] == ["user", "tweets", "edges", at]
        at += len(one["items"])
    assert at == 3
