"""Live changes of lists: what members do, resuming, changes of members and of the viewer, and the end of seeing it."""

from typing import Any

import pytest

from tests.resolvers.graph.test_lists import ADD, TAKE, TIMELINE, UPDATE, made
from tests.support.people import Person, connected, sign_up
from tests.support.scenarios.timelines.live_timeline import LIST_EVENTS
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

RETWEET = "mutation($id: ID!) { retweet(tweetId: $id) { userErrors { code } } }"
UNRETWEET = "mutation($id: ID!) { unretweet(tweetId: $id) { userErrors { code } } }"
MUTE = "mutation($id: ID!) { mute(userId: $id) { userErrors { code } } }"
ADDED, REMOVED, RESET = "TimelineItemAdded", "TimelineItemRemoved", "TimelineReset"


async def head_of(viewer: Person, list_id: str) -> str:
    """The head of a page that came from memory: the first read has the list built."""
    pages: list[dict[str, Any]] = []
    while not pages or (pages[-1]["state"] != "READY" and len(pages) < 5):
        pages.append((await viewer.ask(TIMELINE, id=list_id, first=5))["list"]["timeline"])
        await viewer.service.settle()
    assert pages[-1]["state"] == "READY", pages
    head: str = pages[-1]["headCursor"]
    return head


def tweet_of(event: dict[str, Any]) -> str:
    assert event["__typename"] == ADDED, event
    tweet_id: str = event["edge"]["node"]["id"]
    return tweet_id


async def test_members_alone_cause_events_and_a_cursor_resumes(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    list_id = await made(alice, bob)
    first = await bob.post("before")
    await shared_service.settle()
    head = await head_of(alice, list_id)
    async with alice.socket() as socket:
        await socket.subscribe(LIST_EVENTS, id=list_id, after=head)
        await carol.post("no member")
        await bob.post("to no member", inReplyTo=await carol.post("a question"))
        second = await bob.post("one")
        event = await socket.event()
        assert tweet_of(event) == second
        cursor = event["cursor"]
    third = await bob.post("while away", inReplyTo=second)
    await bob.delete(first)
    await shared_service.settle()
    async with alice.socket() as socket:
        await socket.subscribe(LIST_EVENTS, id=list_id, after=cursor)
        events = [await socket.event() for _ in range(2)]
        assert tweet_of(events[0]) == third
        assert (events[1]["__typename"], events[1]["nodeId"]) == (REMOVED, first)
        await bob.delete(third)
        assert (await socket.event())["nodeId"] == third


async def test_retweet_whose_place_another_takes_is_a_reset(shared_service: Service) -> None:
    alice, bob, carol, dave = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol", "dave")]
    list_id, tweet = await made(alice, bob, carol), await dave.post("to be shown")
    await shared_service.settle()
    head = await head_of(alice, list_id)
    async with alice.socket() as socket:
        await socket.subscribe(LIST_EVENTS, id=list_id, after=head)
        await bob.act(RETWEET, id=tweet)
        assert (await socket.event())["__typename"] == ADDED
        await carol.act(RETWEET, id=tweet)
        await shared_service.settle()
        await bob.act(UNRETWEET, id=tweet)
        assert [(await socket.event())["__typename"] for _ in range(2)] == [REMOVED, RESET]
        await carol.act(UNRETWEET, id=tweet)
        assert (await socket.event())["__typename"] == REMOVED


async def test_changes_of_members_and_of_the_viewer_are_resets(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    list_id = await made(alice, bob)
    await shared_service.settle()
    head = await head_of(alice, list_id)
    for act in ((ADD, carol), (TAKE, bob), (MUTE, carol)):
        document, whom = act
        async with alice.socket() as socket:
            await socket.subscribe(LIST_EVENTS, id=list_id, after=head)
            variables = {"id": whom.id} if document == MUTE else {"id": list_id, "userId": whom.id}
            await alice.act(document, **variables)
            assert (await socket.event())["__typename"] == RESET
            await shared_service.settle()
        head = await head_of(alice, list_id)
    async with alice.socket() as socket:
        await socket.subscribe(LIST_EVENTS, id=list_id, after=head)
        await carol.post("muted")
        await alice.act(ADD, id=list_id, userId=bob.id)
        assert (await socket.event())["__typename"] == RESET


async def test_a_viewer_who_was_away_while_they_muted_somebody_is_told_to_read_again(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    list_id = await made(alice, bob)
    head = await head_of(alice, list_id)
    await alice.act(MUTE, id=bob.id)
    async with alice.socket() as socket:
        await socket.subscribe(LIST_EVENTS, id=list_id, after=head)
        assert (await socket.event())["__typename"] == RESET


async def test_list_that_may_not_be_seen_has_no_events_and_ends_those_there_are(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    public, private = await made(alice, bob), await made(alice, bob, isPrivate=True)
    async with bob.socket() as socket, connected(shared_service, None) as strangers:
        await socket.subscribe(LIST_EVENTS, id=private)
        assert await socket.error() == ["NOT_FOUND"]
        await socket.subscribe(LIST_EVENTS, id=public)
        await strangers.subscribe(LIST_EVENTS, id=public)
        for one in (socket, strangers):
            await one.send({"type": "ping"})
            assert await one.message() == {"type": "pong"}
        await alice.act(UPDATE, id=public, input={"isPrivate": True})
        for one in (socket, strangers):
            message = await one.message(within=5.0)
            assert "NOT_FOUND" in str(message), message


async def test_cursor_of_home_is_refused(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    list_id = await made(alice, alice)
    async with alice.socket() as socket:
        await socket.subscribe(LIST_EVENTS, id=list_id, after=(await alice.home())["headCursor"])
        assert await socket.error() == ["BAD_CURSOR"]
