"""Idempotency keys: a repeated post with the same key creates no second tweet."""

import asyncio

import pytest

from tests.support.people import POST, Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

MINE = """{ viewer { user { tweets(first: 100, include: TWEETS_AND_REPLIES) {
  edges { node { ... on Tweet { text } } } } } } }"""


async def texts(person: Person) -> list[str]:
    """Texts of all tweets of the user, newest first."""
    return [edge["node"]["text"] for edge in (await person.ask(MINE))["viewer"]["user"]["tweets"]["edges"]]


async def test_retry_with_the_same_key_returns_the_first_tweet(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    parent = await bob.post("parent")
    posting = {"text": "once", "inReplyTo": parent, "idempotencyKey": "key 1"}
    first = await alice.post(**posting)
    before = await shared_service.fingerprint()
    assert [await alice.post(**posting) for _ in range(3)] == [first] * 3
    assert await shared_service.fingerprint() == before
    await bob.delete(parent)
    assert await alice.post(**posting) == first
    assert await texts(alice) == ["once"]


async def test_key_that_served_for_other_input_is_a_conflict(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    other = await alice.post("other")
    await alice.post("once", idempotencyKey="k")
    before = await shared_service.fingerprint()
    conflict = [("CONFLICT", ["input", "idempotencyKey"])]
    for more in ({"text": "twice"}, {"text": "once "}, {"inReplyTo": other}, {"quoted": other}):
        assert await alice.refused(POST, input={"text": "once", "idempotencyKey": "k", **more}) == conflict
    assert await shared_service.fingerprint() == before
    assert await texts(alice) == ["once", "other"]


async def test_keys_are_each_persons_own(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    one = await alice.post("once", idempotencyKey="k")
    assert await bob.post("once", idempotencyKey="k") != one
    assert await alice.post("once", idempotencyKey="K") != one
    assert (await texts(alice), await texts(bob)) == (["once", "once"], ["once"])


async def test_key_of_a_deleted_tweet_posts_nothing(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.delete(await alice.post("once", idempotencyKey="k"))
    assert await alice.refused(POST, input={"text": "once", "idempotencyKey": "k"}) == [
        ("CONFLICT", ["input", "idempotencyKey"])
    ]
    assert await texts(alice) == []


@pytest.mark.parametrize("key", ["", "k" * 129, "nul\0", "two\nlines"])
async def test_wrong_key_is_refused(shared_service: Service, key: str) -> None:
    alice = await sign_up(shared_service, "alice")
    assert await alice.refused(POST, input={"text": "x", "idempotencyKey": key}) == [
        ("INVALID", ["input", "idempotencyKey"])
    ]
    assert await texts(alice) == []
    await alice.post("x", idempotencyKey="🗝" * 128)


async def test_of_ten_retries_at_once_one_posts(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    posted = await asyncio.gather(*[alice.post("once", idempotencyKey="k") for _ in range(10)])
    assert len(set(posted)) == 1
    assert await texts(alice) == ["once"]


async def test_of_ten_postings_that_share_a_key_one_posts(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    wanted = [{"text": f"text {number}", "idempotencyKey": "k"} for number in range(10)]
    answers = await asyncio.gather(*[alice.ask(POST, input=posting) for posting in wanted])
    refused = [[error["code"] for error in answer["postTweet"]["userErrors"]] for answer in answers]
    assert sorted(refused) == [[], *[["CONFLICT"]] * 9]
    assert await texts(alice) == [f"text {refused.index([])}"]
