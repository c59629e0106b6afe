"""Edits, live: timelines are told where a tweet now stands differently, tweetUpdates and searches of the new text."""

from typing import Any

import pytest

from tests.support.people import Person, Socket, sign_up
from tests.support.scenarios.notifications import MUTE_WORDS, RETWEET, notifications, summaries
from tests.support.scenarios.timelines.edits import EDIT
from tests.support.scenarios.timelines.live_timeline import live_timeline
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOLLOW_TAG = "mutation($name: String!) { followHashtag(name: $name) { userErrors { code } } }"
CREATE_LIST = "mutation($name: String!) { createList(input: {name: $name}) { list { id } userErrors { code } } }"
ADD = "mutation($id: ID!, $userId: ID!) { addToList(id: $id, userId: $userId) { userErrors { code } } }"
UPDATES = "subscription($ids: [ID!]!) { tweetUpdates(ids: $ids) { tweet { text isSensitive } isDeleted } }"
SEARCH = "subscription($query: String!) { searchEvents(query: $query) { text } }"
NOTIFIED = """subscription($after: String) { notificationEvents(after: $after) { __typename
  ... on NotificationChanged { unreadCount notification { kind tweet { text } } }
  ... on UnreadCountChanged { unreadCount } } }"""


async def edit(person: Person, tweet: str, text: str, **more: Any) -> None:
    await person.act(EDIT, input={"id": tweet, "text": text, **more})


async def test_timelines_are_told_where_the_tweet_now_stands_differently(shared_service: Service) -> None:
    """By muted words and hashtags, of followers and strangers, by the tweet itself and by a retweet; no one else."""
    alice, bob, carol, dave = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol", "dave")]
    tag, word = f"tag{alice.handle}", f"word{alice.handle}"
    for reader in (bob, carol):
        await reader.follow(alice)
    await carol.act(MUTE_WORDS, words=[word])
    await dave.act(FOLLOW_TAG, name=tag)
    await dave.follow(carol)
    tweet = await alice.post("plain")
    await shared_service.settle()
    async with live_timeline(bob) as his, live_timeline(carol) as hers, live_timeline(dave) as daves:
        steps = [
            (f"plain {word}", [True, False, False]),
            (f"{word} #{tag}", [True, False, True]),
            (f"#{tag}", [True, True, True]),
            ("nothing", [True, True, False]),
        ]
        for text, wanted in steps:
            await edit(alice, tweet, text)
            await eventually(lambda: [tweet in one.shown for one in (his, hers, daves)] == wanted)  # noqa: B023
        assert [his.log[1:], hers.log[1:], daves.log[1:]] == [
            [],
            [f"removed {tweet}", f"added {tweet}"],
            [f"added {tweet}", f"removed {tweet}"],
        ]
        await carol.act(RETWEET, id=tweet)
        await eventually(lambda: len(daves.shown) == 1)
        (retweet,) = daves.shown
        await edit(alice, tweet, f"at last #{tag}")
        await eventually(lambda: list(daves.shown) == [tweet])
        assert daves.log[-2:] == [f"removed {retweet}", f"added {tweet}"]
        assert [[*one.wrong, str(one.resets)] for one in (his, hers, daves)] == [["0"]] * 3
    assert await dave.home_texts() == [f"at last #{tag}"]


async def test_lists_are_read_again_by_whom_muted_words_concern(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    word = f"word{alice.handle}"
    await bob.act(MUTE_WORDS, words=[word])
    birds = (await carol.act(CREATE_LIST, name="birds"))["list"]["id"]
    await carol.act(ADD, id=birds, userId=alice.id)
    tweet = await alice.post("plain")
    for reader in (bob, carol):  # builds the timeline
        async with live_timeline(reader, birds):
            await shared_service.settle()
    async with live_timeline(bob, birds) as his, live_timeline(carol, birds) as hers:
        assert [list(one.shown) for one in (his, hers)] == [[tweet], [tweet]]
        await edit(alice, tweet, f"plain {word}")
        await eventually(lambda: not his.shown)
        await edit(alice, tweet, "plain")
        await eventually(lambda: list(his.shown) == [tweet])
        assert [his.resets, hers.resets, hers.log[1:]] == [2, 0, []]


async def test_updates_and_searches_tell_of_the_new_text_once(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    old, new = f"old{alice.handle}", f"new{alice.handle}"
    tweet, other = await alice.post(f"{old} one"), await alice.post(f"{new} two")
    async with bob.socket() as updates, bob.socket() as searches:
        await updates.subscribe(UPDATES, ids=[tweet])
        assert (await updates.event())["tweet"] == {"text": f"{old} one", "isSensitive": False}
        await searches.subscribe(SEARCH, query=new)
        await _is_active(searches, alice, new)
        await edit(alice, other, f"{new} two, which it was")
        for text in (f"{new} one", f"{old} again", f"{new} again"):
            await edit(alice, tweet, text)
        await edit(alice, tweet, f"{new} again", isSensitive=True)
        await alice.post(f"{new} last")
        assert [(await searches.event())["text"] for _ in range(2)] in (
            [f"{new} one", f"{new} last"],
            [f"{new} again", f"{new} last"],
        )
        while (await updates.event())["tweet"] != {"text": f"{new} again", "isSensitive": True}:
            continue


async def test_who_is_newly_mentioned_is_told_and_nobody_twice(shared_service: Service) -> None:
    alice, bob, carol, dave = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol", "dave")]
    root = await dave.post("a root")
    tweet = await alice.post(f"@{bob.handle} @{dave.handle}", inReplyTo=root)
    heads = {one: (await notifications(one))["headCursor"] for one in (bob, carol, dave)}
    async with bob.socket() as his, carol.socket() as hers, dave.socket() as daves:
        for person, socket in ((bob, his), (carol, hers), (dave, daves)):
            await socket.subscribe(NOTIFIED, after=heads[person])
        await edit(alice, tweet, f"@{bob.handle} @{carol.handle} @{dave.handle}")
        told = await hers.event()
        assert told["notification"] == {
            "kind": "MENTION",
            "tweet": {"text": f"@{bob.handle} @{carol.handle} @{dave.handle}"},
        }
        await edit(alice, tweet, f"@{carol.handle} alone")
        assert await his.event() == {"__typename": "UnreadCountChanged", "unreadCount": 0}
        assert [await summaries(one) for one in (bob, carol, dave)] == [
            [],
            [("MENTION", ["alice"], 1)],
            [("REPLY", ["alice"], 1)],
        ]
        await edit(alice, tweet, f"@{bob.handle} again, @{alice.handle}")
        assert (await his.event())["notification"]["kind"] == "MENTION"
        assert (await hers.event())["unreadCount"] == 0
        assert [await summaries(one) for one in (alice, bob, carol)] == [[], [("MENTION", ["alice"], 1)], []]
        assert [await _is_quiet(socket) for socket in (his, hers, daves)] == [True] * 3
    await alice.delete(tweet)
    assert [await summaries(one) for one in (bob, dave)] == [[], []]


async def test_unread_count_follows_what_muted_words_hide_by_an_edit(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await alice.act(MUTE_WORDS, words=["spoiler"])
    answer = await bob.post("a spoiler", inReplyTo=await alice.post("a root"))
    head = (await notifications(alice))["headCursor"]
    async with alice.socket() as socket:
        await socket.subscribe(NOTIFIED, after=head)
        for text, unread in (("harmless", 1), ("a spoiler again", 0)):
            await edit(bob, answer, text)
            assert await socket.event() == {"__typename": "UnreadCountChanged", "unreadCount": unread}
            assert len(await summaries(alice)) == unread


async def _is_active(socket: Socket, author: Person, word: str) -> None:
    """Returns when the search has found a tweet, and no other waits."""
    posted = list[str]()
    while not posted or await _next(socket) is None:
        posted.append(f"{word} probe {len(posted)}")
        await author.post(posted[-1])
    while await _next(socket) is not None:
        continue


async def _next(socket: Socket) -> str | None:
    try:
        return str((await socket.event(within=1.0))["text"])
    except TimeoutError:
        return None


async def _is_quiet(socket: Socket) -> bool:
    await socket.send({"type": "ping"})
    return await socket.message() == {"type": "pong"}
