"""Reads a page of the home timeline with the fields that a client shows."""

from time import perf_counter
from typing import Any, NamedTuple

import msgspec

from bench.harness.client import Client
from schema.values.nodes import decode_global_id

PAGE = 20
HOME = """query Home($first: Int!, $after: String) {
  homeTimeline(first: $first, after: $after) {
    state
    pageInfo { hasNextPage endCursor }
    edges { node { __typename ... on Tweet { ...Shown } ... on Retweet { id user { handle } tweet { ...Shown } } } }
  }
}
fragment Shown on Tweet {
  id text createdAt viewerHasLiked likeCount retweetCount replyCount quoteCount
  author { id handle name avatarUrl }
}"""


class HomePage(NamedTuple):
    """`items` are item ids, newest first; `liked` are the ids of tweets that the viewer likes."""

    items: list[int]
    liked: list[int]
    state: str
    end: str | None
    ms: float


async def read_page(client: Client, *, first: int = PAGE, after: str | None = None) -> HomePage:
    request = {"query": HOME, "variables": {"first": first, "after": after}}
    began = perf_counter()
    response = await client.http.post("/graphql", json=request, headers={"authorization": f"Bearer {client.token}"})
    ms = (perf_counter() - began) * 1000
    answer = msgspec.json.decode(response.content)
    assert "errors" not in answer, answer
    home = answer["data"]["homeTimeline"]
    nodes = [edge["node"] for edge in home["edges"]]
    return HomePage(
        items=[number(node["id"]) for node in nodes],
        liked=[number(tweet["id"]) for tweet in map(_tweet, nodes) if tweet["viewerHasLiked"]],
        state=home["state"],
        end=home["pageInfo"]["endCursor"],
        ms=ms,
    )


def number(global_id: str) -> int:
    return int(decode_global_id(global_id)[1])


def _tweet(node: dict[str, Any]) -> dict[str, Any]:
    """The tweet that the item shows."""
    shown: dict[str, Any] = node["tweet"] if node["__typename"] == "Retweet" else node
    return shown
