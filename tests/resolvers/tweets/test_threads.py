"""Threads: the tweets above one."""

import pytest

from tests.support.people import Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANCESTORS = "query($id: ID!, $first: Int!) { tweet(id: $id) { ancestors(first: $first) { id text } } }"
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code } } }"


async def thread(person: Person, length: int) -> list[str]:
    """Ids of tweets of which each answers the one before."""
    ids = [await person.post("1")]
    while len(ids) < length:
        ids.append(await person.post(str(len(ids) + 1), inReplyTo=ids[-1]))
    return ids


async def above(viewer: Person, tweet: str, first: int) -> list[str]:
    found = (await viewer.ask(ANCESTORS, id=tweet, first=first))["tweet"]["ancestors"]
    return [one["id"] for one in found]


async def test_ancestors_are_the_nearest_ones_oldest_first(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    ids = await thread(alice, 26)
    assert await above(alice, ids[25], 20) == ids[5:25]
    assert await above(alice, ids[25], 25) == ids[:25]
    assert await above(alice, ids[25], 100) == ids[:25]
    assert await above(alice, ids[25], 1) == [ids[24]]
    assert await above(alice, ids[1], 20) == [ids[0]]
    assert await above(alice, ids[0], 20) == []


async def test_ancestors_that_are_gone_or_hidden_give_way_to_farther_ones(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    ids = await thread(alice, 3)
    hidden = await bob.post("bob", inReplyTo=ids[-1])
    gone = await alice.post("gone", inReplyTo=hidden)
    last = await alice.post("last", inReplyTo=gone)
    await alice.delete(gone)
    await bob.act(BLOCK, id=carol.id)
    assert await above(carol, last, 2) == ids[1:3]
    assert await above(alice, last, 2) == [ids[2], hidden]
