"""TOP mode through the API: pages of one snapshot, explanations of scores, hidden disliked authors."""

from typing import Any

import pytest

from tests.support.people import Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOP = """query Top($first: Int!, $after: String) { homeTimeline(first: $first, after: $after, mode: TOP) {
  edges { cursor reason node { ... on Tweet { id text } } ranking { score terms { name value weight } } }
  pageInfo { hasNextPage endCursor } } }"""
LIKE = "mutation Like($id: ID!) { like(tweetId: $id) { tweet { likeCount } userErrors { code field message } } }"
LESS = "mutation Less($id: ID!) { notInterested(tweetId: $id) { tweet { id } userErrors { code field message } } }"


async def top(reader: Person, first: int, after: str | None = None) -> dict[str, Any]:
    connection: dict[str, Any] = (await reader.ask(TOP, first=first, after=after))["homeTimeline"]
    return connection


async def follower_of_two(service: Service, posts: int) -> tuple[Person, list[Person], list[str]]:
    """The reader, the authors they follow, and the ids of the authors' alternating tweets, oldest first."""
    bob, authors = await sign_up(service, "bob"), [await sign_up(service, name) for name in ("alice", "carol")]
    for author in authors:
        await bob.follow(author)
    ids = [await authors[number % 2].post(f"number {number}") for number in range(posts)]
    await service.settle()
    return bob, authors, ids


async def test_score_is_the_sum_of_its_terms_and_orders_the_page(shared_service: Service) -> None:
    bob, (_, carol), ids = await follower_of_two(shared_service, 4)
    await carol.act(LIKE, id=ids[0])
    await shared_service.settle()

    edges = (await top(bob, 10))["edges"]

    scores = [edge["ranking"]["score"] for edge in edges]
    assert scores == sorted(scores, reverse=True)
    for edge in edges:
        terms = edge["ranking"]["terms"]
        assert edge["ranking"]["score"] == pytest.approx(sum(term["value"] * term["weight"] for term in terms))
    assert {edge["node"]["id"] for edge in edges} == set(ids)
    assert edges[0]["node"]["id"] == ids[0]


async def test_pages_of_one_reading_show_each_item_once_though_scores_move(shared_service: Service) -> None:
    bob, (alice, carol), ids = await follower_of_two(shared_service, 7)

    page = await top(bob, 2)
    seen = [edge["node"]["id"] for edge in page["edges"]]
    for tweet_id in ids:
        await alice.act(LIKE, id=tweet_id)
    await carol.post("too late for this reading")
    await shared_service.settle()
    while page["pageInfo"]["hasNextPage"]:
        page = await top(bob, 2, page["pageInfo"]["endCursor"])
        seen += [edge["node"]["id"] for edge in page["edges"]]

    assert sorted(seen) == sorted(ids)


async def test_not_interested_hides_the_author_in_top_alone(shared_service: Service) -> None:
    bob, _, ids = await follower_of_two(shared_service, 4)

    await bob.act(LESS, id=ids[0])

    assert {edge["node"]["id"] for edge in (await top(bob, 10))["edges"]} == {ids[1], ids[3]}
    assert len(await bob.home_texts()) == 4


async def test_cursor_of_latest_is_refused(shared_service: Service) -> None:
    bob, _, _ = await follower_of_two(shared_service, 2)
    latest = (await bob.home())["edges"][0]["cursor"]

    assert await bob.failed(TOP, first=5, after=latest) == ["BAD_CURSOR"]
    assert await bob.failed(TOP, first=101) == ["BAD_USER_INPUT"]
