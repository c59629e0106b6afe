"""Visible pages against the list of visible entries."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from core.ids import TweetId
from datastore.mongo.edges import StoredEdge
from resolvers.graph.blocks import block
from resolvers.pages import Edge, Page
from resolvers.services import Services
from resolvers.visible_pages import page_of_edges, page_until, visible_tweets
from tests.resolvers.users import posted, registered

ROUNDS = 6


def page(entries: Sequence[bool], first: int, before: int | None) -> Page[str]:
    """A page of the list with ids len(entries) down to 1, of which `entries` says whether each is visible."""
    stored = [StoredEdge(len(entries) - at, len(entries) - at) for at in range(len(entries))]
    visible = {edge.act_id for edge, is_visible in zip(stored, entries, strict=True) if is_visible}

    async def edges(place: int | None, count: int) -> list[StoredEdge]:
        return [edge for edge in stored if place is None or edge.act_id < place][:count]

    async def resolve(ids: Sequence[int]) -> list[str | None]:
        return [str(number) if number in visible else None for number in ids]

    return asyncio.run(page_of_edges(edges, resolve, first, before))


@given(st.lists(st.booleans(), max_size=80), st.integers(1, 5))
def test_pages_together_are_all_visible_entries(entries: list[bool], first: int) -> None:
    found: list[str] = []
    before, has_next = None, True
    while has_next:
        part = page(entries, first, before)
        assert len(part.edges) <= first
        assert part.has_previous is (before is not None)
        found += [edge.node for edge in part.edges]
        before, has_next = part.end_place, part.has_next
    assert found == [str(len(entries) - at) for at, is_visible in enumerate(entries) if is_visible]


def test_page_of_many_hidden_entries_is_short_and_says_where_it_ended() -> None:
    read = sum(2 << step for step in range(ROUNDS))
    assert page([False] * 200, 1, None) == Page((), has_next=True, end_place=200 - read + 1)


def test_page_ends_at_its_last_edge_or_where_the_list_was_read_to() -> None:
    edges = [Edge(9, "a"), Edge(7, "b")]
    assert page_until(edges, 1, None, has_next=True, reached=3) == Page((edges[0],), True, False, 9)
    assert page_until(edges, 2, None, has_next=True, reached=3) == Page(tuple(edges), True, False, 3)
    assert page_until(edges, 2, 11, has_next=False, reached=None) == Page(tuple(edges), False, True, 7)
    assert page_until([], 2, None, has_next=False, reached=None) == Page((), False, False, None)


async def test_tweets_that_are_hidden_or_missing_are_none_in_their_place(services: Services) -> None:
    alice, bob = await registered(services, "alice"), await registered(services, "bob")
    of_alice, of_bob = await posted(services, alice), await posted(services, bob)
    await block(services, alice, bob.user_id)
    view = await services.stores.users.viewpoints.get(alice.user_id)
    found = await visible_tweets(services.stores, view, [of_bob.id, TweetId(1), of_alice.id])
    assert found == [None, None, of_alice]
