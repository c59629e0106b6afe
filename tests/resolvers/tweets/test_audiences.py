"""Reply audiences: viewerCanReply says what postTweet does, for every pair of a person and a tweet of a thread."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.people import DELETE, POST, Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

AUDIENCES = ("EVERYONE", "FOLLOWING", "FOLLOWERS", "MENTIONED")
MAY = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Tweet { viewerCanReply replyAudience } } }"
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code } } }"


async def said(viewer: Person | None, service: Service, ids: Sequence[str]) -> list[bool | None]:
    """The field for each tweet; None for one that is not seen."""
    answer = await service.ask(MAY, {"ids": list(ids)}, None if viewer is None else viewer.token)
    return [node and node["viewerCanReply"] for node in answer["data"]["nodes"]]


async def tried(viewer: Person, tweet: str) -> list[str]:
    """Codes of the refusal of an answer; the answer is deleted again."""
    payload: dict[str, Any] = (await viewer.ask(POST, input={"text": "answer", "inReplyTo": tweet}))["postTweet"]
    if payload["tweet"] is not None:
        await viewer.act(DELETE, id=payload["tweet"]["id"])
    return [error["code"] for error in payload["userErrors"]]


async def test_viewer_can_reply_is_what_replying_does_for_all_pairs(shared_service: Service) -> None:
    """Threads of each audience, with answers by others below whose own audience is another one."""
    author, followed, follower, mentioned, stranger, blocked = await asyncio.gather(
        *[sign_up(shared_service, name) for name in ("author", "followed", "follower", "named", "nobody", "foe")]
    )
    people = (author, followed, follower, mentioned, stranger, blocked)
    await author.follow(followed)
    await follower.follow(author)
    await author.act(BLOCK, id=blocked.id)
    allowed = {
        "EVERYONE": set(people),
        "FOLLOWING": {author, followed, mentioned},
        "FOLLOWERS": {author, follower, mentioned},
        "MENTIONED": {author, mentioned},
    }
    tweets: list[tuple[str, str]] = []
    for audience in AUDIENCES:
        root = await author.post(f"who answers @{mentioned.handle}?", replyAudience=audience)
        below = await mentioned.post("one more", inReplyTo=root, replyAudience="MENTIONED")
        deepest = await author.post(f"and @{stranger.handle}", inReplyTo=below, replyAudience="EVERYONE")
        tweets += [(audience, root), (audience, below), (audience, deepest)]
    for person in people:
        answers = await said(person, shared_service, [tweet for _, tweet in tweets])
        for (audience, tweet), may in zip(tweets, answers, strict=True):
            wanted = {True: [], False: ["FORBIDDEN"], None: ["NOT_FOUND"]}[may]
            assert (person.handle, audience, await tried(person, tweet)) == (person.handle, audience, wanted)
            if may is not None:
                assert (person.handle, audience, may) == (person.handle, audience, person in allowed[audience])
    assert await said(None, shared_service, [tweet for _, tweet in tweets]) == [False] * len(tweets)


async def test_relations_count_as_they_are_now(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    following = await alice.post("for those whom I follow", replyAudience="FOLLOWING")
    followers = await alice.post("for my followers", replyAudience="FOLLOWERS")
    assert await said(bob, shared_service, [following, followers]) == [False, False]
    await alice.follow(bob)
    await bob.follow(alice)
    assert await said(bob, shared_service, [following, followers]) == [True, True]
    await alice.unfollow(bob)
    await bob.unfollow(alice)
    assert await said(bob, shared_service, [following, followers]) == [False, False]
    assert await bob.refused(POST, input={"text": "x", "inReplyTo": following}) == [
        ("FORBIDDEN", ["input", "inReplyTo"])
    ]
    assert await bob.post("a quote is no answer", quoted=following)


async def test_deleted_first_tweet_restricts_nobody(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    root = await alice.post("alone", replyAudience="MENTIONED")
    below = await alice.post("below", inReplyTo=root)
    assert await tried(bob, below) == ["FORBIDDEN"]
    await alice.act(DELETE, id=root)
    assert await said(bob, shared_service, [below]) == [True]
    assert await tried(bob, below) == []
