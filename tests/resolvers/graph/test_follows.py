"""Follow, unfollow, and lists of followers and followees."""

import asyncio
import random

import pytest

from core.ids import UserId
from datastore.jobs.jobs import Merge
from schema.values.nodes import NodeType, decode_id
from tests.support.people import FOLLOW, UNFOLLOW, Person, sign_up
from tests.support.scenarios.notifications import PROFILE
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNKNOWN_USER = "VXNlcjox"  # User:1
RELATION = """query($handle: String!) { user(handle: $handle) {
  followerCount followingCount relationship { isFollowing isFollowedBy hasRequestedFollow isBlocking isMuting } } }"""
LIST = """query($handle: String!, $first: Int!, $after: String) { user(handle: $handle) {
  list: %s(first: $first, after: $after) {
    edges { cursor node { handle } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


async def counts(person: Person) -> tuple[int, int]:
    """Follower and followee counts, as an anonymous viewer sees them."""
    user = (await person.service.ask(RELATION, {"handle": person.handle}))["data"]["user"]
    assert user["relationship"] is None
    return user["followerCount"], user["followingCount"]


async def relation(viewer: Person, other: Person) -> set[str]:
    """Names of the relationship fields that are true."""
    found = (await viewer.ask(RELATION, handle=other.handle))["user"]["relationship"]
    return {name for name, is_so in found.items() if is_so}


async def pages(person: Person, name: str, size: int, after: str | None = None) -> list[list[str]]:
    """Handles of the whole list, read page by page."""
    found: list[list[str]] = []
    while True:
        variables = {"handle": person.handle, "first": size, "after": after}
        answer = (await person.service.ask(LIST % name, variables))["data"]["user"]["list"]
        edges, info = answer["edges"], answer["pageInfo"]
        found.append([edge["node"]["handle"] for edge in edges])
        assert info["hasPreviousPage"] is (after is not None)
        if edges:
            assert (info["startCursor"], info["endCursor"]) == (edges[0]["cursor"], edges[-1]["cursor"])
        if not info["hasNextPage"]:
            return found
        after = info["endCursor"]


async def sign_up_many(service: Service, size: int) -> list[Person]:
    return list(await asyncio.gather(*[sign_up(service, "fan") for _ in range(size)]))


async def test_follow_shows_on_both_sides_at_once(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    assert await relation(bob, alice) == set()
    assert (await bob.act(FOLLOW, id=alice.id))["user"] == {"id": alice.id}
    assert await relation(bob, alice) == {"isFollowing"}
    assert await relation(alice, bob) == {"isFollowedBy"}
    assert (await counts(alice), await counts(bob)) == ((1, 0), (0, 1))
    await alice.follow(bob)
    assert await relation(bob, alice) == {"isFollowing", "isFollowedBy"}
    assert (await counts(alice), await counts(bob)) == ((1, 1), (1, 1))

    await bob.unfollow(alice)
    assert await relation(bob, alice) == {"isFollowedBy"}
    assert (await counts(alice), await counts(bob)) == ((0, 1), (1, 0))


async def test_accepted_request_is_a_follow_before_the_cache_hears_of_it(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await alice.act(PROFILE, input={"isProtected": True})
    await bob.act(FOLLOW, id=alice.id)
    assert await relation(bob, alice) == {"hasRequestedFollow"}
    stores = shared_service.stores
    follower, followee = (UserId(decode_id(person.id, NodeType.USER)) for person in (bob, alice))
    assert await stores.users.follow_requests.accept(Merge(stores.ids(), follower, followee))
    assert await relation(bob, alice) == {"isFollowing"}
    assert await relation(alice, bob) == {"isFollowedBy"}


async def test_following_and_unfollowing_twice_is_once(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await bob.follow(alice)
    before = await shared_service.fingerprint()
    await bob.follow(alice)
    assert await shared_service.fingerprint() == before
    assert await counts(alice) == (1, 0)
    await bob.unfollow(alice)
    before = await shared_service.fingerprint()
    await bob.unfollow(alice)
    assert await shared_service.fingerprint() == before
    assert (await counts(alice), await relation(bob, alice)) == ((0, 0), set())


async def test_nobody_follows_themselves(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    before = await shared_service.fingerprint()
    assert await alice.refused(FOLLOW, id=alice.id) == [("INVALID", ["userId"])]
    assert await shared_service.fingerprint() == before
    assert (await counts(alice), await relation(alice, alice)) == ((0, 0), set())


async def test_nobody_follows_or_unfollows_a_person_who_is_not_there(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    before = await shared_service.fingerprint()
    for act in (FOLLOW, UNFOLLOW):
        assert await alice.refused(act, id=UNKNOWN_USER) == [("NOT_FOUND", ["userId"])]
    assert await shared_service.fingerprint() == before


async def test_lists_show_the_newest_act_first_page_by_page(shared_service: Service) -> None:
    alice, *fans = await sign_up_many(shared_service, 12)
    expected: list[str] = []
    for fan in fans:
        await fan.follow(alice)
        expected.insert(0, fan.handle)
    for size in (1, 2, 3, 5, 10, 11, 12, 100):
        expected_pages = [expected[at : at + size] for at in range(0, len(expected), size)]
        assert await pages(alice, "followers", size) == expected_pages

    for fan in fans:
        await alice.follow(fan)
    assert await pages(alice, "following", 4) == [expected[0:4], expected[4:8], expected[8:11]]


async def test_who_follows_again_stands_first(shared_service: Service) -> None:
    alice, *fans = await sign_up_many(shared_service, 4)
    for fan in fans:
        await fan.follow(alice)
    await fans[0].unfollow(alice)
    assert await pages(alice, "followers", 100) == [[fans[2].handle, fans[1].handle]]
    await fans[0].follow(alice)
    assert await pages(alice, "followers", 100) == [[fans[0].handle, fans[2].handle, fans[1].handle]]


async def test_nobodys_lists_are_empty(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    for name in ("followers", "following"):
        assert await pages(alice, name, 1) == [[]]


async def test_cursor_serves_after_its_entry_is_gone(shared_service: Service) -> None:
    alice, *fans = await sign_up_many(shared_service, 6)
    for fan in fans:
        await fan.follow(alice)
    variables = {"handle": alice.handle, "first": 2, "after": None}
    answer = (await shared_service.ask(LIST % "followers", variables))["data"]["user"]["list"]
    assert [edge["node"]["handle"] for edge in answer["edges"]] == [fans[4].handle, fans[3].handle]
    await fans[3].unfollow(alice)
    further = await pages(alice, "followers", 2, after=answer["pageInfo"]["endCursor"])
    assert further == [[fans[2].handle, fans[1].handle], [fans[0].handle]]


async def test_many_follow_one_at_once_and_each_counts(shared_service: Service) -> None:
    alice, *fans = await sign_up_many(shared_service, 13)
    await asyncio.gather(*[fan.follow(alice) for fan in fans for _ in range(2)])
    assert await counts(alice) == (12, 0)
    (handles,) = await pages(alice, "followers", 100)
    assert sorted(handles) == sorted(fan.handle for fan in fans)
    await asyncio.gather(*[fan.unfollow(alice) for fan in fans[:7] for _ in range(2)])
    assert await counts(alice) == (5, 0)


async def test_counts_equal_the_acts_after_a_quarrel(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    acts = random.Random(5).choices([bob.follow, bob.unfollow], k=16)
    await asyncio.gather(*[act(alice) for act in acts])
    (followers,), (following,) = await pages(alice, "followers", 100), await pages(bob, "following", 100)
    assert await counts(alice) == (len(followers), 0)
    assert await counts(bob) == (0, len(following))
    assert (followers, following) in (([], []), ([bob.handle], [alice.handle]))
    assert await relation(bob, alice) == ({"isFollowing"} if followers else set())
    await alice.post("for whoever stayed")
    await shared_service.settle()
    assert await bob.home_texts() == (["for whoever stayed"] if followers else [])


REMOVE = "mutation Remove($id: ID!) { removeFollower(userId: $id) { user { id } userErrors { code field } } }"


async def test_removed_follower_follows_no_more_and_is_not_told(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await bob.follow(alice)
    await alice.post("for followers")
    await shared_service.settle()
    assert await bob.home_texts() == ["for followers"]
    for _ in range(2):
        await alice.act(REMOVE, id=bob.id)
        assert (await counts(alice), await counts(bob)) == ((0, 0), (0, 0))
    assert (await relation(alice, bob), await relation(bob, alice)) == (set(), set())
    await shared_service.settle()
    assert await bob.home_texts() == []
    told = "{ notifications { edges { node { kind } } unreadCount } }"
    for person in (alice, bob):
        assert (await person.ask(told))["notifications"] == {"edges": [], "unreadCount": 0}
    await bob.follow(alice)
    assert await counts(alice) == (1, 0)


async def test_remove_follower_is_refused_where_it_makes_no_sense(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    before = await shared_service.fingerprint()
    assert await alice.refused(REMOVE, id=alice.id) == [("INVALID", ["userId"])]
    assert await alice.refused(REMOVE, id=UNKNOWN_USER) == [("NOT_FOUND", ["userId"])]
    assert await shared_service.fingerprint() == before
