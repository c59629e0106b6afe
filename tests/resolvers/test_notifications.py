"""Notifications through the API: recipients, groups, and retractions."""

import pytest

from tests.support.people import Person, codes, sign_up
from tests.support.scenarios.notifications import (
    ACCEPT,
    BLOCK,
    LIKE,
    MUTE,
    MUTE_WORDS,
    NOTIFICATIONS,
    PREFER,
    PROFILE,
    READ,
    RETWEET,
    UNBLOCK,
    UNLIKE,
    UNMUTE,
    UNREAD,
    notifications,
    summaries,
)
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTED = "{ notifications { edges { node { isAccepted actors { handle } } } } }"


async def cast(service: Service, *names: str) -> list[Person]:
    return [await sign_up(service, name) for name in names]


async def test_likes_of_a_tweet_are_one_group_that_comes_up_again_with_each(shared_service: Service) -> None:
    alice, bob, carol = await cast(shared_service, "alice", "bob", "carol")
    tweet = await alice.post("liked")
    await bob.act(LIKE, id=tweet)
    await bob.follow(alice)
    await carol.act(LIKE, id=tweet)
    assert await summaries(alice) == [("LIKE", ["carol", "bob"], 2), ("FOLLOW", ["bob"], 1)]
    assert (await notifications(alice))["unreadCount"] == 2
    await carol.act(UNLIKE, id=tweet)
    assert await summaries(alice) == [("FOLLOW", ["bob"], 1), ("LIKE", ["bob"], 1)]
    await alice.delete(tweet)
    assert await summaries(alice) == [("FOLLOW", ["bob"], 1)]


async def test_every_kind_is_told_once_newest_first(shared_service: Service) -> None:
    alice, bob = await cast(shared_service, "alice", "bob")
    tweet = await alice.post("hers")
    await bob.act(LIKE, id=tweet)
    await bob.act(RETWEET, id=tweet)
    quote = await bob.post(f"look @{alice.handle}", quoted=tweet)
    reply = await bob.post(f"@{alice.handle} indeed", inReplyTo=tweet)
    mention = await bob.post(f"@{alice.handle} @{alice.handle}!")
    await bob.follow(alice)
    nodes = [edge["node"] for edge in (await notifications(alice))["edges"]]
    assert [(node["kind"], node["tweet"] and node["tweet"]["id"]) for node in nodes] == [
        ("FOLLOW", None),
        ("MENTION", mention),
        ("REPLY", reply),
        ("QUOTE", quote),
        ("RETWEET", tweet),
        ("LIKE", tweet),
    ]
    assert all(node["createdAt"] == node["updatedAt"] for node in nodes)
    assert [kind for kind, _, _ in await summaries(alice, "MENTIONS")] == ["MENTION", "REPLY", "QUOTE"]
    assert await summaries(bob) == []


async def test_request_is_told_until_it_is_decided_and_an_accepted_one_to_both(shared_service: Service) -> None:
    """Accepted requests are a group of their own; an end of the follow takes both notifications back."""
    alice, bob, carol = await cast(shared_service, "alice", "bob", "carol")
    await alice.act(PROFILE, input={"isProtected": True})
    for asker in (bob, carol):
        await asker.follow(alice)
    assert await summaries(alice) == [("FOLLOW_REQUEST", ["carol"], 1), ("FOLLOW_REQUEST", ["bob"], 1)]
    await alice.act(ACCEPT, id=bob.id)
    followed = ("FOLLOW", ["bob"], 1)
    assert await summaries(alice) == [followed, ("FOLLOW_REQUEST", ["carol"], 1)]
    assert await accepted(bob) == [("alice", True)]
    await carol.follow(bob)
    assert await accepted(bob) == [("carol", False), ("alice", True)]
    await carol.unfollow(alice)
    assert [await summaries(one) for one in (alice, carol)] == [[followed], []]
    await bob.unfollow(alice)
    assert [await summaries(one) for one in (alice, bob)] == [[], [("FOLLOW", ["carol"], 1)]]
    for asker in (bob, carol):
        await asker.follow(alice)
    await alice.act(PROFILE, input={"isProtected": False})
    assert await summaries(alice) == [("FOLLOW", ["carol", "bob"], 2)]
    assert [await accepted(one) for one in (carol, bob)] == [[("alice", True)], [("alice", True), ("carol", False)]]


async def accepted(person: Person) -> list[tuple[str, bool]]:
    """The newest actor of each of their notifications, and whether they accepted a request."""
    await person.service.settle()
    edges = (await person.ask(ACCEPTED))["notifications"]["edges"]
    return [(edge["node"]["actors"][0]["handle"].rsplit("_", 1)[0], edge["node"]["isAccepted"]) for edge in edges]


async def test_what_rules_hide_comes_back_with_them_and_counts_agree(shared_service: Service) -> None:
    alice, bob, carol = await cast(shared_service, "alice", "bob", "carol")
    tweet = await alice.post("hers")
    for who in (bob, carol):
        await who.act(LIKE, id=tweet)
    await bob.post(f"a spoiler for @{alice.handle}")
    everything = [("MENTION", ["bob"], 1), ("LIKE", ["carol", "bob"], 2)]
    assert await summaries(alice) == everything
    for hide, show in ((BLOCK, UNBLOCK), (MUTE, UNMUTE)):
        await alice.act(hide, id=bob.id)
        assert await summaries(alice) == [("LIKE", ["carol"], 1)]
        assert (await notifications(alice, chosen="MENTIONS"))["unreadCount"] == 1
        await alice.act(show, id=bob.id)
        assert await summaries(alice) == everything
    await alice.act(MUTE_WORDS, words=["Spoiler"])
    assert await summaries(alice) == everything[1:]
    await alice.act(MUTE_WORDS, words=[])
    await bob.act(PROFILE, input={"isProtected": True})
    assert await summaries(alice) == [("LIKE", ["carol"], 1)]
    assert (await alice.ask(UNREAD))["viewer"] == {"unreadNotificationCount": 1}


async def test_acts_of_the_muted_are_never_told(shared_service: Service) -> None:
    alice, bob = await cast(shared_service, "alice", "bob")
    tweet = await alice.post("hers")
    await alice.act(MUTE, id=bob.id)
    await bob.act(LIKE, id=tweet)
    await shared_service.settle()
    await alice.act(UNMUTE, id=bob.id)
    assert await summaries(alice) == []


async def test_audience_of_a_kind_holds_for_acts_from_then_on(shared_service: Service) -> None:
    alice, bob, carol = await cast(shared_service, "alice", "bob", "carol")
    tweet = await alice.post("hers")
    await bob.act(LIKE, id=tweet)
    await shared_service.settle()
    chosen = (await alice.act(PREFER, kind="LIKE", audience="NOBODY"))["viewer"]["notificationPreferences"]
    assert {entry["kind"]: entry["audience"] for entry in chosen} == {
        **dict.fromkeys(["RETWEET", "QUOTE", "REPLY", "MENTION", "FOLLOW", "FOLLOW_REQUEST"], "EVERYONE"),
        "LIKE": "NOBODY",
    }
    await carol.act(LIKE, id=tweet)
    assert await summaries(alice) == [("LIKE", ["bob"], 1)]


async def test_reading_is_shared_and_begins_a_new_group(shared_service: Service) -> None:
    alice, bob, carol = await cast(shared_service, "alice", "bob", "carol")
    tweets = [await alice.post(f"tweet {number}") for number in range(3)]
    for tweet in tweets:
        await bob.act(LIKE, id=tweet)
    page = await notifications(alice)
    assert (await alice.act(READ, upTo=page["edges"][1]["cursor"]))["unreadCount"] == 1
    await carol.act(LIKE, id=tweets[0])
    assert await summaries(alice, "UNREAD") == [("LIKE", ["carol"], 1), ("LIKE", ["bob"], 1)]
    read = [edge["node"]["isRead"] for edge in (await notifications(alice))["edges"]]
    assert read == [False, False, True, True]
    assert (await alice.act(READ))["unreadCount"] == 0
    assert await summaries(alice, "UNREAD") == []


async def test_cursor_works_after_its_notification_is_gone(shared_service: Service) -> None:
    alice, bob = await cast(shared_service, "alice", "bob")
    tweets = [await alice.post(f"tweet {number}") for number in range(5)]
    for tweet in tweets:
        await bob.act(LIKE, id=tweet)
    page = await notifications(alice, first=2)
    await alice.delete(tweets[3])
    rest = await notifications(alice, first=2, after=page["pageInfo"]["endCursor"])
    assert [edge["node"]["tweet"]["id"] for edge in rest["edges"]] == [tweets[2], tweets[1]]
    assert rest["pageInfo"]["hasNextPage"]
    assert rest["pageInfo"]["hasPreviousPage"]


async def test_notification_is_a_node_of_its_reader_alone(shared_service: Service) -> None:
    alice, bob = await cast(shared_service, "alice", "bob")
    await bob.follow(alice)
    (edge,) = (await notifications(alice))["edges"]
    node = "query Node($id: ID!) { node(id: $id) { __typename id ... on Notification { kind actorCount } } }"
    wanted = {"__typename": "Notification", "id": edge["node"]["id"], "kind": "FOLLOW", "actorCount": 1}
    assert (await alice.ask(node, id=edge["node"]["id"]))["node"] == wanted
    assert (await bob.ask(node, id=edge["node"]["id"]))["node"] is None
    assert (await shared_service.ask(node, {"id": edge["node"]["id"]}))["data"]["node"] is None
    await bob.unfollow(alice)
    await shared_service.settle()
    assert (await alice.ask(node, id=edge["node"]["id"]))["node"] is None


async def test_wrong_arguments_are_refused_and_change_nothing(shared_service: Service) -> None:
    alice, bob = await cast(shared_service, "alice", "bob")
    await bob.follow(alice)
    before = await shared_service.fingerprint()
    home = (await alice.home())["pageInfo"]["endCursor"] or (await alice.home())["headCursor"]
    for first in (0, -1, 101):
        assert await alice.failed(NOTIFICATIONS, first=first, filter="ALL") == ["BAD_USER_INPUT"]
    for cursor in (home, "nonsense", ""):
        assert await alice.failed(NOTIFICATIONS, first=1, after=cursor, filter="ALL") == ["BAD_CURSOR"]
        assert await alice.failed(READ, upTo=cursor) == ["BAD_CURSOR"]
    for document in ("{ notifications { unreadCount } }", "mutation { markNotificationsRead { unreadCount } }"):
        assert codes(await shared_service.ask(document)) == ["UNAUTHENTICATED"]
    assert await shared_service.fingerprint() == before


async def test_unread_count_ends_at_a_hundred(shared_service: Service) -> None:
    alice, bob = await cast(shared_service, "alice", "bob")
    number = (await shared_service.stores.users.accounts.ids_by_handle([alice.handle]))[alice.handle]
    rows = [
        {"_id": shared_service.stores.ids(), "user": number, "kind": "FOLLOW", "tweet": 0, "is_read": False}
        | {"first": place, "last": place, "acts": 1, "version": 1}
        for place in range(1, 251)
    ]
    actor = (await shared_service.stores.users.accounts.ids_by_handle([bob.handle]))[bob.handle]
    acts = [{"user": number, "act": row["last"], "actor": actor, "group": row["_id"], "tweet": 0} for row in rows]
    await shared_service.stores.mongo.collection("notifications").insert_many(rows)
    await shared_service.stores.mongo.collection("notification_acts").insert_many(acts)
    assert (await notifications(alice, first=1))["unreadCount"] == 100
    assert (await alice.act(READ))["unreadCount"] == 0
