"""editTweet: what is shown and found afterwards, what stays, and what is refused."""

import asyncio
from typing import Any

import pytest

from core.ids import wall_ms
from resolvers.tweets.edits import EDITABLE_MS
from schema.values.nodes import NodeType, decode_id, global_id
from tests.support.people import DELETE, PASSWORD, POST, Person, sign_up, unused_handle
from tests.support.scenarios.campaigns import CREATE, PAUSE, booking
from tests.support.scenarios.notifications import BLOCK, LIKE, PROFILE, RETWEET, UNBLOCK, summaries
from tests.support.scenarios.timelines.edits import EDIT, FOUND, REVISIONS
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

HASHTAG = "query($name: String!) { hashtag(name: $name) { tweets { edges { node { id } } } } }"
HASHTAGS = "query($prefix: String!) { searchHashtags(prefix: $prefix) { name } }"
MENTIONS = "{ viewer { mentions { edges { node { id } } } } }"
FOLLOW_TAG = "mutation($name: String!) { followHashtag(name: $name) { userErrors { code } } }"
CHANGE_HANDLE = """mutation($handle: String!, $password: String!) {
  changeHandle(handle: $handle, password: $password) { userErrors { code } } }"""
QUOTED = "query($id: ID!) { tweet(id: $id) { quoted { text } quotedRevision { text } } }"
CAN_REPLY = "query($id: ID!) { tweet(id: $id) { viewerCanReply } }"


async def edit(person: Person, tweet: str, text: str, **more: Any) -> dict[str, Any]:
    edited: dict[str, Any] = (await person.act(EDIT, input={"id": tweet, "text": text, **more}))["tweet"]
    return edited


async def shown(viewer: Person, tweet: str, **page: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await viewer.ask(REVISIONS, id=tweet, **page))["tweet"]
    return found


def texts(tweet: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(edge["node"]["text"], edge["node"]["contentWarning"]) for edge in tweet["revisions"]["edges"]]


async def test_edit_replaces_what_is_shown_and_keeps_earlier_versions(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    tweet = await alice.post("first", contentWarning="spoiler")
    await bob.act(LIKE, id=tweet)
    before = await shown(bob, tweet)
    assert (before["editedAt"], before["revisions"]["edges"]) == (None, [])
    assert (await edit(alice, tweet, "second"))["contentWarning"] == "spoiler"
    await edit(alice, tweet, "third", contentWarning=None, isSensitive=True)
    made = await edit(alice, tweet, "third #four", contentWarning="new")
    after = await shown(bob, tweet)
    assert (after["text"], after["contentWarning"], after["isSensitive"]) == ("third #four", "new", True)
    assert (after["createdAt"], after["editedAt"]) == (before["createdAt"], made["editedAt"])
    assert after["entities"]["hashtags"] == [{"tag": "four"}]
    versions = [("third", None), ("second", "spoiler"), ("first", "spoiler")]
    assert texts(after) == versions
    times = [edge["node"]["at"] for edge in after["revisions"]["edges"]]
    assert times == sorted(times, reverse=True)
    assert times[-1] == before["createdAt"]
    page, found = await shown(bob, tweet, first=2), list[Any]()
    found += texts(page)
    assert page["revisions"]["pageInfo"]["hasNextPage"]
    page = await shown(bob, tweet, first=2, after=page["revisions"]["pageInfo"]["endCursor"])
    assert [*found, *texts(page)] == versions
    assert [page["revisions"]["pageInfo"][name] for name in ("hasNextPage", "hasPreviousPage")] == [False, True]
    await shared_service.settle()
    assert (await shown(bob, tweet))["likeCount"] == 1


async def test_what_changes_nothing_is_no_edit_and_a_sixth_is_refused(shared_service: Service) -> None:
    """A retry of the last edit whose answer was lost is no sixth one."""
    alice = await sign_up(shared_service, "alice")
    tweet = await alice.post("same")
    await edit(alice, tweet, "same", contentWarning=None, isSensitive=None, media=None)
    for number in range(5):
        for _ in range(2):
            assert (await edit(alice, tweet, f"edit {number}"))["text"] == f"edit {number}"
    before = await shared_service.fingerprint()
    assert await alice.refused(EDIT, input={"id": tweet, "text": "sixth"}) == [("FORBIDDEN", ["input", "id"])]
    assert (await edit(alice, tweet, "edit 4"))["text"] == "edit 4"
    assert await shared_service.fingerprint() == before
    assert texts(await shown(alice, tweet))[-1] == ("same", None)


async def test_refused_edits_change_nothing(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    own, foreign = await alice.post("own"), await bob.post("foreign")
    hidden, deleted = await bob.post("hidden"), await alice.post("deleted")
    await alice.delete(deleted)
    await alice.act(RETWEET, id=foreign)
    await bob.act(BLOCK, id=alice.id)
    await shared_service.settle()
    before = await shared_service.fingerprint()
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"text": ""}, "INVALID", "text"),
        ({"text": " \n\u200b"}, "INVALID", "text"),
        ({"text": "nul\x00"}, "INVALID", "text"),
        ({"text": "x" * 281}, "TOO_LONG", "text"),
        ({"text": "x", "contentWarning": ""}, "INVALID", "contentWarning"),
        ({"text": "x", "contentWarning": "w" * 101}, "TOO_LONG", "contentWarning"),
        ({"id": hidden, "text": "x"}, "NOT_FOUND", "id"),
        ({"id": deleted, "text": "x"}, "NOT_FOUND", "id"),
    ]
    for more, code, field in wrong:
        assert await alice.refused(EDIT, input={"id": own, **more}) == [(code, ["input", field])], more
    retweet = global_id(NodeType.RETWEET, decode_id(foreign, NodeType.TWEET))
    for more in ({"id": "no id"}, {"id": alice.id}, {"id": retweet}, {"text": None}, {"isSensitive": 1}):
        assert await alice.failed(EDIT, input={"id": own, "text": "x", **more}) == ["BAD_USER_INPUT"], more
    anonymous = await shared_service.ask(EDIT, {"input": {"id": own, "text": "x"}})
    assert [error["extensions"]["code"] for error in anonymous["errors"]] == ["UNAUTHENTICATED"]
    assert await shared_service.fingerprint() == before
    await bob.act(UNBLOCK, id=alice.id)
    assert await alice.refused(EDIT, input={"id": foreign, "text": "x"}) == [("FORBIDDEN", ["input", "id"])]


async def test_a_tweet_of_more_than_an_hour_ago_is_not_edited(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await sign_up(shared_service, "alice")
    tweet = await alice.post("young")
    monkeypatch.setattr("resolvers.tweets.edits.wall_ms", lambda: wall_ms() + EDITABLE_MS - 60_000)
    await edit(alice, tweet, "an hour ago, nearly")
    monkeypatch.setattr("resolvers.tweets.edits.wall_ms", lambda: wall_ms() + EDITABLE_MS + 1)
    assert await alice.refused(EDIT, input={"id": tweet, "text": "late"}) == [("FORBIDDEN", ["input", "id"])]


async def test_everything_that_is_found_by_text_follows(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    old, new = f"auk{alice.handle}", f"bee{alice.handle}"
    await carol.act(FOLLOW_TAG, name=new)
    tweet = await alice.post(f"{old} #{old} @{bob.handle} https://old.example.org/")
    await edit(alice, tweet, f"{new} #{new} @{carol.handle} https://new.example.org/")
    await shared_service.settle()

    async def found(query: str) -> bool:
        edges = (await bob.ask(FOUND, query=f"{query} from:{alice.handle}"))["searchTweets"]["edges"]
        return [edge["node"]["id"] for edge in edges] == [tweet]

    async def tagged(name: str) -> list[str]:
        hashtag = (await bob.ask(HASHTAG, name=name))["hashtag"]
        return [edge["node"]["id"] for edge in hashtag["tweets"]["edges"]] if hashtag else []

    async def mentions(person: Person) -> list[str]:
        return [edge["node"]["id"] for edge in (await person.ask(MENTIONS))["viewer"]["mentions"]["edges"]]

    gone = [old, f"#{old}", f"@{bob.handle}", f"mentions:{bob.handle}", "url:old.example.org"]
    here = [new, f"#{new}", f"@{carol.handle}", f"mentions:{carol.handle}", "url:new.example.org"]
    assert [await found(query) for query in (*gone, *here)] == [False] * 5 + [True] * 5
    assert [await tagged(old), await tagged(new)] == [[], [tweet]]
    assert [(await bob.ask(HASHTAGS, prefix=tag))["searchHashtags"] for tag in (old, new)] == [[], [{"name": new}]]
    assert [await mentions(person) for person in (bob, carol)] == [[], [tweet]]
    assert await carol.home_texts() == [f"{new} #{new} @{carol.handle} https://new.example.org/"]


async def test_who_may_answer_follows_the_mentions_of_an_edit(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    tweet = await alice.post("a question", replyAudience="MENTIONED")
    below = await alice.post("below", inReplyTo=tweet)
    for text, may in ((f"a question for @{bob.handle}", True), ("a question for nobody", False)):
        await edit(alice, tweet, text)
        for one in (tweet, below):
            assert (await bob.ask(CAN_REPLY, id=one))["tweet"] == {"viewerCanReply": may}
            payload = (await bob.ask(POST, input={"text": "answer", "inReplyTo": one}))["postTweet"]
            assert [error["code"] for error in payload["userErrors"]] == ([] if may else ["FORBIDDEN"])


async def test_handle_that_was_changed_stays_the_person_through_edits(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    tweet = await alice.post(f"hello @{bob.handle}")
    other = unused_handle("robert")
    await bob.act(CHANGE_HANDLE, handle=other, password=PASSWORD)
    await edit(alice, tweet, f"@{bob.handle}, hello")
    (mention,) = (await shown(alice, tweet))["entities"]["mentions"]
    assert mention == {"handle": bob.handle, "user": {"handle": other}}


async def test_a_tweet_that_a_campaign_may_show_is_not_edited(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    tweet = await alice.post("an offer")
    campaign = (await alice.act(CREATE, input=booking(tweet)))["campaign"]["id"]
    before = await shared_service.fingerprint()
    assert await alice.refused(EDIT, input={"id": tweet, "text": "another"}) == [("CONFLICT", ["input", "id"])]
    assert await shared_service.fingerprint() == before
    await alice.act(PAUSE, id=campaign)
    assert (await edit(alice, tweet, "another"))["text"] == "another"


async def test_edits_of_one_moment_are_all_done_and_none_is_lost(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    tweet = await alice.post("0")
    await asyncio.gather(*[edit(alice, tweet, str(number)) for number in (1, 2, 3, 4)])
    after = await shown(alice, tweet)
    versions = [after["text"], *[text for text, _ in texts(after)]]
    assert (sorted(versions), versions[-1]) == (["0", "1", "2", "3", "4"], "0")


async def test_edit_beside_deletion_leaves_nothing(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await bob.follow(alice)
    tweets = [await alice.post(f"short lived {number}") for number in range(6)]
    wanted = [{"id": tweet, "text": f"@{bob.handle} #late{number}"} for number, tweet in enumerate(tweets)]
    answers = await asyncio.gather(
        *[alice.ask(EDIT, input=one) for one in wanted], *[alice.ask(DELETE, id=tweet) for tweet in tweets]
    )
    codes = [error["code"] for answer in answers[:6] for error in answer["editTweet"]["userErrors"]]
    assert set(codes) <= {"NOT_FOUND"}
    await shared_service.settle()
    assert await bob.home_texts() == []
    assert await summaries(bob) == []


async def test_a_quote_keeps_the_version_that_it_quoted(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    tweet = await alice.post("one")
    quotes = [await bob.post("of the first", quoted=tweet)]
    for text in ("two", "three"):
        await edit(alice, tweet, text)
        quotes.append(await bob.post(f"of {text}", quoted=tweet))
    seen = [(await alice.ask(QUOTED, id=one))["tweet"] for one in quotes]
    assert seen == [
        {"quoted": {"text": "three"}, "quotedRevision": one and {"text": one}} for one in ("one", "two", None)
    ]
    await bob.act(BLOCK, id=alice.id)
    nobody = await sign_up(shared_service, "carol")
    await alice.act(PROFILE, input={"isProtected": True})
    assert (await nobody.ask(QUOTED, id=quotes[0]))["tweet"] == {"quoted": None, "quotedRevision": None}


async def test_protected_revisions_are_for_whom_the_tweet_is(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    tweet = await alice.post("before")
    await edit(alice, tweet, "after")
    await alice.act(PROFILE, input={"isProtected": True})
    assert (await bob.ask(REVISIONS, id=tweet))["tweet"] is None
    assert texts(await shown(alice, tweet)) == [("before", None)]
