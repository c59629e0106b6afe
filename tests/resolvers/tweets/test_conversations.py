"""Muted conversations: what is told of a thread, to whom, and from when to when."""

import asyncio

import pytest

from tests.support.people import Person, sign_up
from tests.support.scenarios.notifications import LIKE, PROFILE, RETWEET, notifications, summaries
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

MUTE = """mutation($id: ID!) { muteConversation(tweetId: $id) {
  tweet { viewerHasMutedConversation } userErrors { code field } } }"""
UNMUTE = """mutation($id: ID!) { unmuteConversation(tweetId: $id) {
  tweet { viewerHasMutedConversation } userErrors { code field } } }"""
MUTED = "query($id: ID!) { tweet(id: $id) { viewerHasMutedConversation } }"
EVENTS = """subscription($after: String) { notificationEvents(after: $after) {
  ... on NotificationChanged { notification { kind tweet { id } } } } }"""


async def told(person: Person) -> list[tuple[str, str | None]]:
    """Kind and tweet of each notification, newest first."""
    nodes = [edge["node"] for edge in (await notifications(person))["edges"]]
    return [(node["kind"], node["tweet"] and node["tweet"]["id"]) for node in nodes]


async def test_replies_and_mentions_of_a_muted_thread_are_told_no_more(shared_service: Service) -> None:
    """Earlier notifications, quotes, other acts, other threads and other people are not touched."""
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    root = await alice.post("a thread")
    first = await bob.post("earlier", inReplyTo=root)
    assert await told(alice) == [("REPLY", first)]
    async with alice.socket() as socket:
        await socket.subscribe(EVENTS, after=(await notifications(alice))["headCursor"])
        for _ in range(2):
            assert (await alice.act(MUTE, id=first))["tweet"] == {"viewerHasMutedConversation": True}
        below = await bob.post(f"later, @{carol.handle}", inReplyTo=root)
        await carol.post(f"@{alice.handle} deeper", inReplyTo=below)
        quote = await bob.post(f"a quote, @{alice.handle}", quoted=root)
        both = await bob.post("answers one, quotes another", inReplyTo=root, quoted=root)
        elsewhere = await bob.post(f"@{alice.handle} elsewhere")
        await bob.act(LIKE, id=root)
        await bob.act(RETWEET, id=root)
        wanted = [("QUOTE", quote), ("QUOTE", both), ("MENTION", elsewhere), ("LIKE", root), ("RETWEET", root)]
        assert await told(alice) == [*wanted[::-1], ("REPLY", first)]
        heard = [await socket.event() for _ in wanted]
        assert [(one["notification"]["kind"], one["notification"]["tweet"]["id"]) for one in heard] == wanted
    assert [kind for kind, _ in await told(bob)] == ["REPLY"]
    assert [kind for kind, _ in await told(carol)] == ["MENTION"]


async def test_a_post_is_judged_by_the_moment_at_which_it_was_posted(shared_service: Service) -> None:
    """However late its notifications are made: here the act after it comes at once."""
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    root, loud, quiet = await alice.post("a thread"), [], []
    for number in range(4):
        loud.append(await bob.post(f"loud {number}", inReplyTo=root))
        await alice.act(MUTE, id=root)
        quiet.append(await bob.post(f"quiet {number}", inReplyTo=root))
        for _ in range(2):
            assert (await alice.act(UNMUTE, id=root))["tweet"] == {"viewerHasMutedConversation": False}
    assert await told(alice) == [("REPLY", reply) for reply in loud[::-1]]


async def test_mute_is_the_viewers_alone_and_ends_for_what_is_hidden(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    root = await alice.post("a thread")
    reply = await bob.post(f"@{carol.handle}", inReplyTo=root)
    assert (
        await asyncio.gather(*[carol.act(MUTE, id=reply) for _ in range(5)])
        == [{"tweet": {"viewerHasMutedConversation": True}, "userErrors": []}] * 5
    )
    seen = [(await one.ask(MUTED, id=tweet))["tweet"] for one in (alice, carol) for tweet in (root, reply)]
    assert [one["viewerHasMutedConversation"] for one in seen] == [False, False, True, True]
    nobody = await shared_service.ask(MUTED, {"id": root})
    assert nobody["data"]["tweet"] == {"viewerHasMutedConversation": False}
    await bob.act(PROFILE, input={"isProtected": True})
    before = await shared_service.fingerprint()
    assert await carol.refused(MUTE, id=reply) == [("NOT_FOUND", ["tweetId"])]
    assert await shared_service.fingerprint() == before
    assert (await carol.act(UNMUTE, id=reply))["tweet"] is None
    assert (await carol.ask(MUTED, id=root))["tweet"] == {"viewerHasMutedConversation": False}
    await alice.post(f"@{carol.handle}, come back", inReplyTo=root)
    assert [kind for kind, _, _ in await summaries(carol)] == ["MENTION"]
