"""Concurrent acts leave a state that some sequential order could have left."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from datastore.users.viewpoints import ViewpointStore
from tests.support.people import DELETE, FOLLOW, PASSWORD, POST, UNFOLLOW, Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = {"timeline_length": 8, "fanout_limit": 2}
PAIRS = 6
ERRORS = "userErrors { code }"

BLOCK = f"mutation Block($id: ID!) {{ block(userId: $id) {{ {ERRORS} }} }}"
ACCEPT = f"mutation Accept($id: ID!) {{ acceptFollowRequest(userId: $id) {{ {ERRORS} }} }}"
PROTECT = f"mutation Protect($is: Boolean!) {{ updateProfile(input: {{ isProtected: $is }}) {{ {ERRORS} }} }}"
LEAVE = f"mutation Leave($password: String!) {{ deleteAccount(password: $password) {{ {ERRORS} }} }}"
LIKE = f"mutation Like($id: ID!) {{ like(tweetId: $id) {{ {ERRORS} }} }}"
BOOKMARK = f"mutation Bookmark($id: ID!) {{ bookmark(tweetId: $id) {{ {ERRORS} }} }}"
RETWEET = f"mutation Retweet($id: ID!) {{ retweet(tweetId: $id) {{ {ERRORS} }} }}"
PERSON = """query Person($handle: String!) { user(handle: $handle) {
  followerCount followingCount
  followers(first: 100) { edges { node { id } } } following(first: 100) { edges { node { id } } }
  relationship { isFollowing isFollowedBy hasRequestedFollow isBlocking } } }"""
SEES = "{ user { followerCount relationship { isFollowing } } }"
FOLLOW_SEEN = f"mutation Follow($id: ID!) {{ follow(userId: $id) {SEES} }}"
UNFOLLOW_SEEN = f"mutation Unfollow($id: ID!) {{ unfollow(userId: $id) {SEES} }}"
TWEET = "query Tweet($id: ID!) { tweet(id: $id) { likeCount retweetCount replyCount quoteCount } }"
NO_COUNTS = {"likeCount": 0, "retweetCount": 0, "replyCount": 0, "quoteCount": 0}

Race = Callable[[Person, Person], Awaitable[object]]


async def said(person: Person, document: str, **variables: Any) -> list[str]:
    """Error codes of a mutation; empty where it succeeded."""
    (payload,) = (await person.ask(document, **variables)).values()
    return [error["code"] for error in payload["userErrors"]]


async def pairs(service: Service) -> list[tuple[Person, Person]]:
    return [(await sign_up(service, "alice"), await sign_up(service, "bob")) for _ in range(PAIRS)]


async def race(service: Service, one: Race, other: Race) -> list[tuple[Person, Person]]:
    """Runs both acts concurrently, for several pairs of people."""
    racing = await pairs(service)
    await asyncio.gather(*[act(*pair) for pair in racing for act in (one, other)])
    await service.settle()
    return racing


async def seen(viewer: Person, person: Person) -> dict[str, Any]:
    """The relationship that the viewer sees; the person's counts must equal the lengths of the lists."""
    user: dict[str, Any] = (await viewer.ask(PERSON, handle=person.handle))["user"]
    assert user["followerCount"] == len(user["followers"]["edges"])
    assert user["followingCount"] == len(user["following"]["edges"])
    relationship: dict[str, Any] = user["relationship"]
    return relationship


async def stored_count(service: Service, collection: str, query: dict[str, Any]) -> int:
    count: int = await service.stores.mongo.collection(collection).count_documents(query)
    return count


async def number_of(person: Person) -> int:
    found = await person.service.stores.users.accounts.ids_by_handle([person.handle.lower()])
    return found[person.handle.lower()]


async def test_nobody_follows_a_person_who_blocks_them(shared_service: Service) -> None:
    racing = await race(
        shared_service,
        lambda alice, bob: said(bob, FOLLOW, id=alice.id),
        lambda alice, bob: said(alice, BLOCK, id=bob.id),
    )
    for alice, bob in racing:
        assert await seen(alice, bob) == _relationship(isBlocking=True)


async def test_no_request_stays_open_at_an_account_that_went_public(shared_service: Service) -> None:
    racing = await pairs(shared_service)
    await asyncio.gather(*[alice.act(PROTECT, **{"is": True}) for alice, _ in racing])
    follows = [said(bob, FOLLOW, id=alice.id) for alice, bob in racing]
    await asyncio.gather(*follows, *[said(alice, PROTECT, **{"is": False}) for alice, _ in racing])
    await shared_service.settle()
    for alice, bob in racing:
        assert await seen(bob, alice) == _relationship(isFollowing=True)


async def test_request_that_is_accepted_and_blocked_at_once_is_no_follow(shared_service: Service) -> None:
    racing = await pairs(shared_service)
    await asyncio.gather(*[alice.act(PROTECT, **{"is": True}) for alice, _ in racing])
    await asyncio.gather(*[bob.act(FOLLOW, id=alice.id) for alice, bob in racing])
    accepts = [said(alice, ACCEPT, id=bob.id) for alice, bob in racing]
    await asyncio.gather(*accepts, *[said(alice, BLOCK, id=bob.id) for alice, bob in racing])
    await shared_service.settle()
    for alice, bob in racing:
        assert await seen(alice, bob) == _relationship(isBlocking=True)


async def test_counts_are_as_long_as_lists_after_following_and_unfollowing_at_once(shared_service: Service) -> None:
    racing = await race(
        shared_service,
        lambda alice, bob: asyncio.gather(*[said(bob, FOLLOW, id=alice.id) for _ in range(2)]),
        lambda alice, bob: said(bob, UNFOLLOW, id=alice.id),
    )
    for alice, bob in racing:
        await seen(alice, bob)
        await seen(bob, alice)


@pytest.mark.parametrize(
    ("document", "collection", "field"),
    [(LIKE, "likes", "target"), (BOOKMARK, "bookmarks", "target"), (RETWEET, "tweets", "retweet_of")],
    ids=["like", "bookmark", "retweet"],
)
async def test_nothing_stays_of_acts_on_a_tweet_that_is_deleted_at_that_moment(
    shared_service: Service, document: str, collection: str, field: str
) -> None:
    racing = await pairs(shared_service)
    tweets = await asyncio.gather(*[alice.post("gone soon") for alice, _ in racing])
    numbers = [await _newest_of(alice) for alice, _ in racing]
    acts = [said(bob, document, id=tweet) for tweet, (_, bob) in zip(tweets, racing, strict=True)]
    await asyncio.gather(
        *acts, *[said(alice, DELETE, id=tweet) for tweet, (alice, _) in zip(tweets, racing, strict=True)]
    )
    await shared_service.settle()
    assert await stored_count(shared_service, collection, {field: {"$in": numbers}}) == 0


@pytest.mark.parametrize("act", ["like", "retweet", "reply", "quote"])
async def test_nothing_is_counted_of_an_account_deleted_at_that_moment(shared_service: Service, act: str) -> None:
    racing = await pairs(shared_service)
    tweets = dict(zip(racing, await asyncio.gather(*[alice.post("stays") for alice, _ in racing]), strict=True))
    numbers = [await number_of(bob) for _, bob in racing]

    async def do(bob: Person, tweet: str) -> None:
        """The account may be deleted by then, so refusals are ignored."""
        acts: dict[str, tuple[str, dict[str, Any]]] = {
            "like": (LIKE, {"id": tweet}),
            "retweet": (RETWEET, {"id": tweet}),
            "reply": (POST, {"input": {"text": "a reply", "inReplyTo": tweet}}),
            "quote": (POST, {"input": {"text": "a quote", "quoted": tweet}}),
        }
        document, variables = acts[act]
        await bob.service.ask(document, variables, bob.token)

    deletions = [said(bob, LEAVE, password=PASSWORD) for _, bob in racing]
    await asyncio.gather(*deletions, *[do(bob, tweets[alice, bob]) for alice, bob in racing])
    await shared_service.settle()
    for alice, bob in racing:
        assert (await alice.ask(TWEET, id=tweets[alice, bob]))["tweet"] == NO_COUNTS
    assert await stored_count(shared_service, "tweets", {"author": {"$in": numbers}}) == 0
    assert await stored_count(shared_service, "likes", {"user": {"$in": numbers}}) == 0


async def test_answer_to_a_tweet_deleted_at_that_moment_stands_or_is_refused(shared_service: Service) -> None:
    racing = await pairs(shared_service)
    tweets = await asyncio.gather(*[alice.post("gone soon") for alice, _ in racing])
    posts = [
        said(bob, POST, input={"text": "answer", "inReplyTo": tweet})
        for tweet, (_, bob) in zip(tweets, racing, strict=True)
    ]
    deletions = [said(alice, DELETE, id=tweet) for tweet, (alice, _) in zip(tweets, racing, strict=True)]
    outcomes = (await asyncio.gather(*posts, *deletions))[:PAIRS]
    await shared_service.settle()
    for outcome, (_, bob) in zip(outcomes, racing, strict=True):
        assert outcome in ([], ["NOT_FOUND"])
        query = {"author": await number_of(bob)}
        assert await stored_count(shared_service, "tweets", query) == (0 if outcome else 1)


async def _newest_of(person: Person) -> int:
    row = await person.service.stores.mongo.collection("tweets").find_one({"author": await number_of(person)})
    number: int = row["_id"]
    return number


def _relationship(**more: bool) -> dict[str, bool]:
    names = ("isFollowing", "isFollowedBy", "hasRequestedFollow", "isBlocking")
    return {name: more.get(name, False) for name in names}


@pytest.mark.parametrize(("document", "was_following"), [(FOLLOW_SEEN, False), (UNFOLLOW_SEEN, True)])
async def test_an_act_done_twice_at_once_is_seen_by_both_answers(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch, document: str, was_following: bool
) -> None:
    """The second act comes when the first has changed the database but not yet the cached row."""
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    if was_following:
        await bob.follow(alice)
        await shared_service.settle()
    assert (await seen(bob, alice))["isFollowing"] is was_following
    follow_changed, is_written, may_go_on = ViewpointStore.follow_changed, asyncio.Event(), asyncio.Event()

    async def change_late(store: ViewpointStore, *change: Any) -> None:
        if not is_written.is_set():
            is_written.set()
            await may_go_on.wait()
        await follow_changed(store, *change)

    monkeypatch.setattr(ViewpointStore, "follow_changed", change_late)
    first = asyncio.create_task(bob.ask(document, id=alice.id))
    await is_written.wait()
    second = await bob.ask(document, id=alice.id)
    may_go_on.set()
    for answer in (second, await first):
        (payload,) = answer.values()
        now = {"followerCount": int(not was_following), "relationship": {"isFollowing": not was_following}}
        assert payload["user"] == now
