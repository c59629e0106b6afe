"""Tweets that moderators removed: as deleted for all but their author, in every read path and stream, and back."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from tests.support.people import Person, Socket, sign_up, unused_handle
from tests.support.pictures import png, ready, urls
from tests.support.scenarios.moderators import moderate, revoke, sign_up_moderator
from tests.support.scenarios.timelines.live_timeline import LiveTimeline, live_timeline
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN_DATABASE = True

TWEET = """query($id: ID!) { tweet(id: $id) { id isRemoved likeCount retweetCount quoteCount replyCount
  media { variants { url } } } }"""
LIKE = "mutation($id: ID!) { like(tweetId: $id) { userErrors { code field } } }"
RETWEET = "mutation($id: ID!) { retweet(tweetId: $id) { userErrors { code field } } }"
BOOKMARK = "mutation($id: ID!) { bookmark(tweetId: $id) { userErrors { code field } } }"
ACTS = (LIKE, RETWEET, BOOKMARK)
CAMPAIGN = """mutation($tweet: ID!) { createCampaign(input: {tweet: $tweet, bidCents: 100, budgetCents: 100,
  startsAt: "2026-01-01T00:00:00Z", endsAt: "2026-12-31T00:00:00Z"}) { campaign { id } userErrors { code field } } }"""
WATCH = "subscription($ids: [ID!]!) { tweetUpdates(ids: $ids) { tweetId isDeleted tweet { isRemoved } } }"
SEEN = """query Seen($id: ID!, $author: String!, $parent: ID!, $query: String!) {
  tweet(id: $id) { likeCount retweetCount quoteCount replyCount viewerHasLiked }
  parent: tweet(id: $parent) { replyCount replies { edges { node { id } } } quotes { edges { node { id } } } }
  user(handle: $author) { tweetCount tweets { edges { node { ... on Tweet { id } } } } }
  searchTweets(query: $query) { edges { node { id } } }
  hashtag(name: $query) { history }
  homeTimeline { edges { node { ... on Tweet { id } ... on Retweet { tweet { id } } } } }
  viewer { unreadNotificationCount bookmarks { edges { node { id } } } user { likes { edges { node { id } } } } }
  notifications { unreadCount edges { node { kind tweet { id } } } } }"""


async def seen(person: Person, tweet: str, author: Person, parent: str, tag: str) -> dict[str, Any]:
    return await person.ask(SEEN, id=tweet, author=author.handle, parent=parent, query=f"#{tag}")


async def update(socket: Socket, **wanted: Any) -> None:
    """Waits for the update; older states may come before it."""
    while (event := await socket.event(within=15.0)) | wanted != event:
        pass


async def test_removed_tweet_is_gone_everywhere_and_comes_back_as_it_was(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    moderator, tag = await sign_up_moderator(shared_service), unused_handle("tag")
    await bob.follow(alice)
    parent = await bob.post("a question")
    tweet = await alice.post(f"an answer @{carol.handle} #{tag}", inReplyTo=parent, quoted=parent)
    await carol.post("a reply", inReplyTo=tweet)
    for document in ACTS:
        await carol.act(document, id=tweet)
        await bob.act(document, id=tweet)
    await shared_service.settle()
    readers = (bob, carol)
    before = [await seen(person, tweet, alice, parent, tag) for person in readers]
    assert tweet in str(before[0]["homeTimeline"])
    assert tweet in str(before[1]["notifications"])
    own = await seen(alice, tweet, alice, parent, tag)

    decision = await moderate(moderator, tweet, "REMOVE")
    await shared_service.settle()
    for person in readers:
        after = await seen(person, tweet, alice, parent, tag)
        assert tweet not in str(after)
        assert (after["parent"]["replyCount"], after["user"]["tweetCount"]) == (0, 0)
        for document in ACTS:
            assert await person.refused(document, id=tweet) == [("NOT_FOUND", ["tweetId"])]
    assert (await shared_service.ask(TWEET, {"id": tweet}, None))["data"]["tweet"] is None
    mine = (await alice.ask(TWEET, id=tweet))["tweet"]
    assert (mine["isRemoved"], mine["likeCount"], mine["retweetCount"], mine["replyCount"]) == (True, 2, 2, 1)
    assert await alice.refused(CAMPAIGN, tweet=tweet) == [("FORBIDDEN", ["input", "tweet"])]

    await revoke(moderator, decision)
    await shared_service.settle()
    assert [await seen(person, tweet, alice, parent, tag) for person in readers] == before
    again = await seen(alice, tweet, alice, parent, tag)
    for one in (own, again):
        del one["notifications"], one["viewer"]["unreadNotificationCount"]  # the decision is told
    assert again == own


async def test_streams_tell_of_a_removal_and_of_its_end(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    moderator = await sign_up_moderator(shared_service)
    await bob.follow(alice)
    await carol.follow(bob)
    await shared_service.settle()
    async with (
        live_timeline(bob) as his,
        live_timeline(carol) as hers,
        live_timeline(alice) as own,
        bob.socket() as socket,
        alice.socket() as of_author,
    ):
        tweet, deleted = await alice.post("watched"), await alice.post("to be deleted")
        for one in (tweet, deleted):
            await bob.act(RETWEET, id=one)
        timelines = (his, hers, own)
        await shows(timelines, {tweet, deleted})
        for watching in (socket, of_author):
            await watching.subscribe(WATCH, ids=[tweet, deleted])
            await update(watching, tweetId=deleted, tweet={"isRemoved": False})
        decision, other = [await moderate(moderator, one, "REMOVE") for one in (tweet, deleted)]
        await shows((his, hers), set())
        await update(socket, tweetId=deleted, tweet=None, isDeleted=False)
        await update(of_author, tweetId=deleted, tweet={"isRemoved": True})
        await shows((own,), {tweet, deleted})
        await alice.delete(deleted)
        await shows((own,), {tweet})
        await update(of_author, tweetId=deleted, tweet=None, isDeleted=True)
        for made in (decision, other):
            await revoke(moderator, made)
        await shows(timelines, {tweet})
        await update(socket, tweetId=tweet, tweet={"isRemoved": False}, isDeleted=False)
        assert [(timeline.wrong, timeline.resets) for timeline in timelines] == [([], 0)] * 3


async def shows(timelines: Sequence[LiveTimeline], tweets: set[str]) -> None:
    for timeline in timelines:

        async def do_show(timeline: LiveTimeline = timeline) -> bool:
            return {tweet for tweet, _ in timeline.shown.values()} == tweets

        await eventually(do_show)


async def test_pictures_of_a_removed_tweet_are_its_authors(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    moderator, http = await sign_up_moderator(shared_service), shared_service.http
    picture = await ready(alice, png())
    tweet = await alice.post("with a picture", media=[picture["id"]])

    async def address(person: Person) -> str:
        (media,) = (await person.ask(TWEET, id=tweet))["tweet"]["media"]
        found: str = urls(media)[0]
        return found

    async def status(url: str) -> int:
        answer: httpx.Response = await http.get(url)
        return answer.status_code

    public = await address(bob)
    assert await status(public) == 200
    decision = await moderate(moderator, tweet, "REMOVE")
    assert await status(public) == 404
    signed = await address(alice)
    assert [await status(signed), await status(signed.partition("?")[0])] == [200, 404]
    await revoke(moderator, decision)
    assert [await status(public), await status(await address(bob))] == [200, 200]


async def test_mark_of_moderators_ends_with_its_decision(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    moderator = await sign_up_moderator(shared_service)
    tweet = await alice.post("sensitive")
    document = "query($id: ID!) { tweet(id: $id) { isSensitive } }"
    decision = await moderate(moderator, tweet, "MARK_SENSITIVE")
    assert (await bob.ask(document, id=tweet))["tweet"] == {"isSensitive": True}
    await revoke(moderator, decision)
    assert (await bob.ask(document, id=tweet))["tweet"] == {"isSensitive": False}
