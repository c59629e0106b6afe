"""Content warnings, sensitive tweets, and the pinned tweet of a profile."""

from typing import Any

import pytest

from tests.support.people import DELETE, POST, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

TWEET = "query($id: ID!) { tweet(id: $id) { contentWarning isSensitive isPinned } }"
PIN = "mutation($id: ID!) { pinTweet(id: $id) { user { pinnedTweet { text } } userErrors { code field } } }"
UNPIN = "mutation { unpinTweet { user { pinnedTweet { text } } userErrors { code field } } }"
PINNED = "query($handle: String!) { user(handle: $handle) { pinnedTweet { text isPinned } } }"
UPDATE = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) { userErrors { code field } } }"
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code field } } }"


async def test_warning_and_sensitivity_are_shown_as_they_were_posted(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    plain = await alice.post("plain")
    marked = await alice.post("the end", contentWarning=f"  {'w' * 100} ", isSensitive=True)
    assert (await alice.ask(TWEET, id=plain))["tweet"] == {
        "contentWarning": None,
        "isSensitive": False,
        "isPinned": False,
    }
    assert (await alice.ask(TWEET, id=marked))["tweet"] == {
        "contentWarning": "w" * 100,
        "isSensitive": True,
        "isPinned": False,
    }
    key: dict[str, Any] = {"text": "once", "idempotencyKey": "k", "contentWarning": "spoiler"}
    first, again = await alice.post(**key), await alice.post(**key)
    assert first == again
    assert await alice.refused(POST, input=key | {"contentWarning": "other"}) == [
        ("CONFLICT", ["input", "idempotencyKey"])
    ]


@pytest.mark.parametrize(
    ("warning", "code"),
    [
        ("", "INVALID"),
        (" \u200b ", "INVALID"),
        ("two\nlines", "INVALID"),
        ("nul\0", "INVALID"),
        ("w" * 101, "TOO_LONG"),
        ("w" * 50_000, "TOO_LONG"),
    ],
    ids=["empty", "unseen", "lines", "nul", "long", "endless"],
)
async def test_warning_that_is_none_is_refused(shared_service: Service, warning: str, code: str) -> None:
    alice = await sign_up(shared_service, "alice")
    before = await shared_service.fingerprint()
    wanted = {"text": "x", "contentWarning": warning}
    assert await alice.refused(POST, input=wanted) == [(code, ["input", "contentWarning"])]
    assert await shared_service.fingerprint() == before


async def test_enums_and_flags_are_checked(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    before = await shared_service.fingerprint()
    wrong: list[dict[str, Any]] = [
        {"replyAudience": "NOBODY"},
        {"replyAudience": None},
        {"isSensitive": None},
        {"isSensitive": "yes"},
    ]
    for more in [*wrong, {"contentWarning": 5}]:
        assert await alice.failed(POST, input={"text": "x", **more}) == ["BAD_USER_INPUT"]
    assert await shared_service.fingerprint() == before


async def test_pinned_tweet_stands_first_until_it_is_deleted(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    first, second = await alice.post("first"), await alice.post("second")
    foreign = await bob.post("bob's")
    for pinned in (first, first, second):
        await alice.act(PIN, id=pinned)
    assert (await bob.ask(PINNED, handle=alice.handle))["user"]["pinnedTweet"] == {"text": "second", "isPinned": True}
    assert [(await bob.ask(TWEET, id=one))["tweet"]["isPinned"] for one in (first, second, foreign)] == [
        False,
        True,
        False,
    ]
    before = await shared_service.fingerprint()
    assert await alice.refused(PIN, id=foreign) == [("FORBIDDEN", ["id"])]
    assert await shared_service.fingerprint() == before
    await alice.act(DELETE, id=second)
    for viewer in (alice, bob):
        assert (await viewer.ask(PINNED, handle=alice.handle))["user"] == {"pinnedTweet": None}
    assert await alice.refused(PIN, id=second) == [("NOT_FOUND", ["id"])]
    await alice.act(PIN, id=first)
    for _ in range(2):
        assert (await alice.act(UNPIN))["user"] == {"pinnedTweet": None}


async def test_pinned_tweet_is_seen_by_whom_the_tweet_may_be_seen(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    await bob.follow(alice)
    hidden = await carol.post("carol's")
    await alice.act(PIN, id=await alice.post("pinned"))
    await alice.act(UPDATE, input={"isProtected": True})
    await carol.act(BLOCK, id=alice.id)
    assert await alice.refused(PIN, id=hidden) == [("NOT_FOUND", ["id"])]
    seen = [(await viewer.ask(PINNED, handle=alice.handle))["user"]["pinnedTweet"] for viewer in (bob, carol)]
    assert seen == [{"text": "pinned", "isPinned": True}, None]
