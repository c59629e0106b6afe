"""Reports: joined by subject, answered by moderators, told to nobody else."""

import asyncio

import pytest

from core.moderation import ReportState
from schema.values.nodes import NodeType, decode_id, global_id
from tests.support.people import Person, sign_up
from tests.support.scenarios.moderators import (
    DISMISS,
    QUEUE,
    REPORT,
    log_about,
    moderate,
    queue,
    report,
    sign_up_moderator,
)
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN_DATABASE = True

PROTECT = "mutation { updateProfile(input: {isProtected: true}) { userErrors { code } } }"
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code } } }"
NODE = "query($id: ID!) { node(id: $id) { __typename ... on Report { reason comment reporters state version } } }"
REVISION = "query($id: ID!) { node(id: $id) { ... on Report { revision { text } } } }"
EDIT = """mutation($id: ID!, $text: String!) { editTweet(input: {id: $id, text: $text}) {
  tweet { id } userErrors { code } } }"""
ROOM = "{ moderation { reports { edges { cursor } } } }"


async def people(service: Service, *names: str) -> list[Person]:
    return [await sign_up(service, name) for name in names]


async def test_reports_of_a_subject_are_one_entry_of_the_queue(shared_service: Service) -> None:
    alice, bob, carol = await people(shared_service, "alice", "bob", "carol")
    moderator = await sign_up_moderator(shared_service)
    tweet = await alice.post("reported")
    first = await report(bob, tweet, "See this", "HATE")
    assert first["subject"] == {"__typename": "Tweet", "id": tweet, "text": "reported"}
    assert (first["reason"], first["comment"], first["state"], first["decision"]) == ("HATE", "See this", "OPEN", None)
    second = await report(carol, tweet, "And  this ")
    assert (second["id"], second["reporters"], second["comment"]) == (first["id"], 2, "And  this")
    person = await report(bob, alice.id)
    assert person["subject"] == {"__typename": "User", "id": alice.id, "handle": alice.handle}

    (entry,) = await queue(moderator, subject=tweet)
    assert (entry["reporters"], entry["reason"], entry["comment"]) == (2, "HATE", "See this\n\nAnd  this")
    assert entry["version"]
    assert [one["id"] for one in await queue(moderator)][-2:] == [first["id"], person["id"]]
    assert (await moderator.ask(NODE, id=first["id"]))["node"]["comment"] == "See this\n\nAnd  this"
    assert (await bob.ask(NODE, id=first["id"]))["node"]["comment"] == "See this"
    for other in (alice, await sign_up(shared_service, "dave")):
        assert (await other.ask(NODE, id=first["id"]))["node"] is None
        assert (await other.ask(ROOM))["moderation"] is None
    assert (await carol.ask(NODE, id=person["id"]))["node"] is None


async def test_100_reports_at_once_by_one_person_are_one(shared_service: Service) -> None:
    alice, bob = await people(shared_service, "alice", "bob")
    moderator = await sign_up_moderator(shared_service)
    tweet = await alice.post("reported at once")
    made = await asyncio.gather(*[report(bob, tweet) for _ in range(100)])
    assert {(one["id"], one["reporters"]) for one in made} == {(made[0]["id"], 1)}
    assert [one["reporters"] for one in await queue(moderator, subject=tweet)] == [1]
    number = decode_id(tweet, NodeType.TWEET)
    assert await shared_service.stores.mongo.collection("reporters").count_documents({"subject": number}) == 1


async def test_report_is_refused_of_oneself_and_of_what_may_not_be_seen(shared_service: Service) -> None:
    alice, bob, carol = await people(shared_service, "alice", "bob", "carol")
    moderator = await sign_up_moderator(shared_service)
    hidden, own = await carol.post("protected"), await bob.post("mine")
    await carol.act(PROTECT)
    deleted = await alice.post("deleted")
    await alice.delete(deleted)
    blocked = await alice.post("for others")
    await alice.act(BLOCK, id=bob.id)
    unknown = [global_id("Tweet", 7), global_id("User", 7)]
    for subject in (hidden, deleted, blocked, *unknown):
        assert await bob.refused(REPORT, subject=subject, reason="SPAM") == [("NOT_FOUND", ["input", "subject"])]
    for subject in (own, bob.id):
        assert await bob.refused(REPORT, subject=subject, reason="SPAM") == [("INVALID", ["input", "subject"])]
    for comment, code in (("x" * 1_001, "TOO_LONG"), ("a\u0000", "INVALID")):
        found = await bob.refused(REPORT, subject=alice.id, reason="SPAM", comment=comment)
        assert found == [(code, ["input", "comment"])]
    for subject in ("x", global_id("Hashtag", 7)):
        assert await bob.failed(REPORT, subject=subject, reason="SPAM") == ["BAD_USER_INPUT"]
    assert await bob.failed(REPORT, subject=alice.id, reason="BORING") == ["BAD_USER_INPUT"]
    answer = await shared_service.ask(REPORT, {"subject": alice.id, "reason": "SPAM"}, None)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    for subject in (hidden, deleted, blocked, own, bob.id, alice.id):
        assert await queue(moderator, subject=subject) == []
    # A blocked person may report whom they may not read.
    assert (await report(bob, alice.id))["state"] == "OPEN"


async def test_reports_are_answered_by_dismissal_and_by_decisions(shared_service: Service) -> None:
    alice, bob, carol = await people(shared_service, "alice", "bob", "carol")
    moderator = await sign_up_moderator(shared_service)
    fine, bad = await alice.post("fine"), await alice.post("bad")
    dismissed, resolved = await report(bob, fine), await report(bob, bad)
    assert (await moderator.act(DISMISS, id=dismissed["id"], note=" fine "))["report"]["state"] == "DISMISSED"
    assert (await moderator.act(DISMISS, id=dismissed["id"]))["report"]["state"] == "DISMISSED"
    decision = await moderate(moderator, bad, "WARN", explanation="Don't", version=resolved["version"])
    assert await moderator.refused(DISMISS, id=resolved["id"]) == [("CONFLICT", ["id"])]
    (entry,) = await queue(moderator, "RESOLVED", bad)
    assert entry["decision"] == {"id": decision["id"], "action": "WARN"}
    assert await queue(moderator, subject=bad) == await queue(moderator, subject=fine) == []
    assert (await bob.ask(NODE, id=resolved["id"]))["node"]["state"] == "RESOLVED"
    # The same words again change nothing, another reporter begins a report.
    assert (await report(bob, fine))["state"] == "DISMISSED"
    assert (await report(carol, fine))["id"] != dismissed["id"]
    assert await log_about(moderator, fine) == [("DISMISS_REPORT", "fine", moderator.handle)]
    assert await log_about(moderator, bad) == [("WARN", "SPAM: Don't", moderator.handle)]
    assert await bob.refused(DISMISS, id=dismissed["id"]) == [("FORBIDDEN", [])]
    unknown = global_id(NodeType.REPORT, 7)
    assert await bob.refused(DISMISS, id=unknown) == [("FORBIDDEN", [])]
    assert await moderator.refused(DISMISS, id=unknown) == [("NOT_FOUND", ["id"])]
    about = await report(bob, moderator.id)
    assert await moderator.refused(DISMISS, id=about["id"]) == [("FORBIDDEN", ["id"])]
    await alice.delete(bad)
    (gone,) = [one for one in await queue(moderator, "RESOLVED") if one["id"] == resolved["id"]]
    assert (gone["subject"], gone["version"]) == (None, "")


async def test_report_shows_the_version_that_was_reported(shared_service: Service) -> None:
    alice, bob, carol = await people(shared_service, "alice", "bob", "carol")
    moderator, tweet = await sign_up_moderator(shared_service), await alice.post("first")
    made = await report(bob, tweet)
    assert (await moderator.ask(REVISION, id=made["id"]))["node"] == {"revision": None}
    await alice.act(EDIT, id=tweet, text="second")
    await report(carol, tweet)
    await alice.act(EDIT, id=tweet, text="third")
    for reader, seen in ((bob, "first"), (moderator, "first"), (carol, "second")):
        assert (await reader.ask(REVISION, id=made["id"]))["node"] == {"revision": {"text": seen}}
    assert (await moderator.ask(REVISION, id=(await report(bob, alice.id))["id"]))["node"] == {"revision": None}


async def test_queue_is_read_in_pages(shared_service: Service) -> None:
    alice, bob = await people(shared_service, "alice", "bob")
    moderator = await sign_up_moderator(shared_service)
    made = [(await report(bob, await alice.post(f"queued {number}")))["id"] for number in range(5)]
    after: str | None = None
    for state, wanted in (("OPEN", made), ("DISMISSED", made[::-1])):
        found, after, has_next = list[str](), None, True
        while has_next:
            page = (await moderator.ask(QUEUE, first=2, after=after, state=state))["moderation"]["reports"]
            found += [edge["node"]["id"] for edge in page["edges"]]
            after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert [one for one in found if one in made] == wanted
        for one in made:
            await moderator.act(DISMISS, id=one)
    assert await moderator.failed(QUEUE, first=0, state="OPEN") == ["BAD_USER_INPUT"]
    assert await moderator.failed(QUEUE, first=1, state=str(ReportState.OPEN), after=after) == ["BAD_CURSOR"]


async def test_reading_of_protected_tweets_is_in_the_log(shared_service: Service) -> None:
    alice, bob = await people(shared_service, "alice", "bob")
    moderator, admin = await sign_up_moderator(shared_service), await sign_up_moderator(shared_service)
    tweet, other = await alice.post("for followers"), await bob.post("for all")
    await report(bob, tweet)
    await report(alice, other)
    await alice.act(PROTECT)
    (entry,) = await queue(moderator, subject=tweet)
    assert entry["subject"]["author"]["handle"] == alice.handle
    assert await log_about(admin, tweet) == [("READ", None, moderator.handle)]
    assert await log_about(admin, other) == []
    await queue(moderator, subject=tweet)
    assert await log_about(admin, tweet) == [("READ", None, moderator.handle)]
    await queue(admin, subject=tweet)
    assert await log_about(admin, tweet) == [("READ", None, admin.handle), ("READ", None, moderator.handle)]
