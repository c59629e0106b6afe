"""User timelines, page by page, with and without replies."""

import pytest

from tests.support.people import Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

USER_TWEETS = """query($handle: String!, $first: Int!, $after: String, $include: UserTweets!) {
  user(handle: $handle) { tweets(first: $first, after: $after, include: $include) {
    state edges { cursor reason node { ... on Tweet { text } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


async def user_pages(viewer: Person, author: Person, size: int, include: str) -> list[list[str]]:
    pages, after = [], None
    while True:
        variables = {"handle": author.handle, "first": size, "after": after, "include": include}
        connection = (await viewer.ask(USER_TWEETS, **variables))["user"]["tweets"]
        assert connection["state"] == "READY"
        assert {edge["reason"] for edge in connection["edges"]} <= {"PROFILE"}
        assert connection["pageInfo"]["hasPreviousPage"] is (after is not None)
        pages.append([edge["node"]["text"] for edge in connection["edges"]])
        if not connection["pageInfo"]["hasNextPage"]:
            return pages
        after = connection["pageInfo"]["endCursor"]


async def test_user_timeline_leaves_out_replies_to_others_unless_asked(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    theirs = await bob.post("by bob")
    own = await alice.post("root")
    for number in range(4):
        await alice.post(f"to bob {number}", inReplyTo=theirs)
        own = await alice.post(f"thread {number}", inReplyTo=own)
    thread = [*[f"thread {number}" for number in range(3, -1, -1)], "root"]
    everything = [text for number in range(3, -1, -1) for text in (f"thread {number}", f"to bob {number}")] + ["root"]
    for size in (1, 2, 3, 5, 100):
        for include, expected in (("TWEETS", thread), ("TWEETS_AND_REPLIES", everything)):
            wanted = [expected[at : at + size] for at in range(0, len(expected), size)]
            assert await user_pages(bob, alice, size, include) == wanted
    assert await user_pages(alice, bob, 3, "TWEETS") == [["by bob"]]


async def test_user_timeline_of_who_wrote_nothing_is_empty(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    assert await user_pages(alice, alice, 1, "TWEETS_AND_REPLIES") == [[]]
