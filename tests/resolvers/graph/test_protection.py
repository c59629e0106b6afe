"""Protected accounts through the API: what strangers learn about what they do, which is nothing but numbers."""

from typing import Any

import pytest

from tests.support.people import Person, sign_up
from tests.support.pictures import without_files
from tests.support.scenarios.notifications import ACCEPT, LIKE, PROFILE, RETWEET, UNREAD, notifications, summaries
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")
ONE_PERSON = """query One($id: ID!) { node(id: $id) { ... on User { handle name bio avatarUrl isProtected
  followerCount followingCount tweetCount
  followers { edges { node { handle } } } following { edges { node { handle } } }
  followersYouKnow { edges { node { handle } } } likes { edges { node { id } } } tweets { edges { cursor } } } } }"""
ONE_TWEET = """query Tweet($id: ID!) { tweet(id: $id) { likeCount retweetCount
  likedBy { edges { node { handle } } } retweetedBy { edges { node { handle } } } } }"""
RETWEETS = (
    "query Own($id: ID!) { node(id: $id) { ... on User { tweets { edges { node { ... on Retweet { id } } } } } } }"
)
NODE = "query Node($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }"
PROPOSED = "{ viewer { whoToFollow(first: 2) { handle } } }"
LISTS = ("followers", "following", "followersYouKnow", "likes", "tweets")


async def cast(service: Service, *names: str) -> list[Person]:
    return [await sign_up(service, name) for name in names]


async def protect(person: Person, *, is_protected: bool = True) -> None:
    await person.act(PROFILE, input={"isProtected": is_protected})


async def asked(service: Service, viewer: Person | None, document: str, **variables: Any) -> dict[str, Any]:
    answer = await service.ask(document, variables, None if viewer is None else viewer.token)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]
    return found


async def handles(service: Service, viewer: Person | None, tweet: str) -> tuple[list[str], list[str]]:
    found = (await asked(service, viewer, ONE_TWEET, id=tweet))["tweet"]
    assert (found["likeCount"], found["retweetCount"]) == (1, 1)
    likers, retweeters = (
        [edge["node"]["handle"] for edge in found[name]["edges"]] for name in ("likedBy", "retweetedBy")
    )
    return likers, retweeters


async def test_a_stranger_sees_name_picture_and_counts_of_a_protected_account(shared_service: Service) -> None:
    alice, bob, carol = await cast(shared_service, "alice", "bob", "carol")
    await carol.act(PROFILE, input={"bio": "secret", "avatar": await without_files(carol)})
    tweet = await carol.post("hers")
    await carol.act(LIKE, id=tweet)
    for one, other in ((carol, alice), (alice, carol), (bob, alice)):
        await one.follow(other)
    await protect(carol)
    await shared_service.settle()
    own = (await asked(shared_service, carol, ONE_PERSON, id=carol.id))["node"]
    assert own["avatarUrl"]
    for viewer in (bob, None):
        seen = (await asked(shared_service, viewer, ONE_PERSON, id=carol.id))["node"]
        assert all(seen.pop(name)["edges"] == [] for name in LISTS)
        assert seen == {
            "handle": carol.handle,
            "name": "carol",
            "bio": None,
            "avatarUrl": own["avatarUrl"],
            "isProtected": True,
            "followerCount": 1,
            "followingCount": 1,
            "tweetCount": 1,
        }
    for viewer in (alice, carol):
        seen = (await asked(shared_service, viewer, ONE_PERSON, id=carol.id))["node"]
        assert seen["bio"] == "secret"
        assert [len(seen[name]["edges"]) for name in LISTS] == [1, 1, 1 if viewer is carol else 0, 1, 1]


async def test_what_a_protected_account_did_stands_in_no_stranger_s_view(shared_service: Service) -> None:
    alice, bob, carol, dave = await cast(shared_service, "alice", "bob", "carol", "dave")
    tweet = await alice.post("liked")
    await carol.act(LIKE, id=tweet)
    await carol.act(RETWEET, id=tweet)
    await carol.follow(alice)
    await bob.follow(alice)
    await dave.follow(carol)
    own = (await asked(shared_service, carol, RETWEETS, id=carol.id))["node"]["tweets"]["edges"]
    retweet = own[0]["node"]["id"]
    await protect(carol)
    await shared_service.settle()
    seen_by = {alice: True, carol: True, dave: True, bob: False, None: False}
    for viewer, is_seen in seen_by.items():
        expected = [carol.handle] if is_seen else []
        assert await handles(shared_service, viewer, tweet) == (expected, expected), viewer
        found = (await asked(shared_service, viewer, ONE_PERSON, id=alice.id))["node"]["followers"]["edges"]
        followers = [bob.handle, carol.handle] if is_seen else [bob.handle]
        assert [edge["node"]["handle"] for edge in found] == followers, viewer
        node = {"id": retweet} if is_seen and viewer is not alice else None
        assert await asked(shared_service, viewer, NODE, id=retweet) == {"node": node, "nodes": [node]}, viewer
    await protect(carol, is_protected=False)
    assert await handles(shared_service, bob, tweet) == ([carol.handle], [carol.handle])


async def test_protected_people_are_not_proposed_and_others_take_their_places(shared_service: Service) -> None:
    bob, friend, *proposed = await cast(shared_service, "bob", "friend", "one", "two", "three", "four", "five")
    for person in proposed:
        await friend.follow(person)
    await bob.follow(friend)
    for person in proposed[:3]:
        await protect(person)
    found = (await bob.ask(PROPOSED))["viewer"]["whoToFollow"]
    assert [person["handle"] for person in found] == [person.handle for person in proposed[3:]]


async def test_protected_stranger_notifies_nobody_and_those_protected_later_vanish(shared_service: Service) -> None:
    alice, bob, carol = await cast(shared_service, "alice", "bob", "carol")
    await protect(carol)
    tweet = await alice.post("hers")
    await carol.act(LIKE, id=tweet)
    await carol.follow(alice)
    await carol.post(f"@{alice.handle} look", inReplyTo=tweet)
    assert await summaries(alice) == []
    await bob.act(LIKE, id=tweet)
    await alice.follow(carol)
    await carol.act(ACCEPT, id=alice.id)
    await carol.act(RETWEET, id=tweet)
    theirs = [("RETWEET", ["carol"], 1), ("FOLLOW", ["carol"], 1)]
    assert await summaries(alice) == [*theirs, ("LIKE", ["bob"], 1)]
    await protect(bob)
    assert await summaries(alice) == theirs
    assert (await alice.ask(UNREAD))["viewer"]["unreadNotificationCount"] == 2
    await protect(bob, is_protected=False)
    assert [kind for kind, _, _ in await summaries(alice)] == ["RETWEET", "FOLLOW", "LIKE"]


async def test_actors_behind_hidden_ones_take_their_places(shared_service: Service) -> None:
    alice, *fans = await cast(shared_service, "alice", *[f"fan{number}" for number in range(11)])
    tweet = await alice.post("liked by many")
    for fan in fans:
        await fan.act(LIKE, id=tweet)
        await shared_service.settle()
    for fan in (*fans[9:], fans[3], fans[0]):
        await protect(fan)
    (edge,) = (await notifications(alice))["edges"]
    seen = [fan.handle for fan in reversed(fans) if fan in (*fans[1:3], *fans[4:9])]
    assert [actor["handle"] for actor in edge["node"]["actors"]] == seen
    assert edge["node"]["actorCount"] == len(seen)
