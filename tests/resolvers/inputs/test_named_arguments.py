"""Errors of ids and cursors name the argument that holds the value, wherever it stands, and never repeat the value."""

from typing import Any

import pytest

from tests.support.people import connected, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

NO_ID, NO_CURSOR = "is no valid id.", "was not given by this field."
BAD = "notright"
USER, TWEET = "VXNlcjox", "VHdlZXQ6MQ"
ASKED: list[tuple[str, dict[str, Any], str]] = [
    ('{ tweet(id: "notright") { id } }', {}, f"id {NO_ID}"),
    ("query($which: ID!) { tweet(id: $which) { id } }", {"which": BAD}, f"id {NO_ID}"),
    ('{ one: nodes(ids: ["VXNlcjox", "notright"]) { id } }', {}, f"ids[1] {NO_ID}"),
    ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [USER, TWEET, BAD]}, f"ids[2] {NO_ID}"),
    ("query($id: ID!) { ...Both } fragment Both on Query { tweet(id: $id) { id } }", {"id": BAD}, f"id {NO_ID}"),
    ('query($id: ID! = "notright") { node(id: $id) { id } }', {}, f"id {NO_ID}"),
    (f'{{ tweet(id: "{USER}") {{ id }} }}', {}, "id is the id of a User, not of a Tweet."),
    (f'mutation {{ follow(userId: "{TWEET}") {{ __typename }} }}', {}, "userId is the id of a Tweet, not of a User."),
    (
        "mutation($input: PostTweetInput!) { postTweet(input: $input) { tweet { id } } }",
        {"input": {"text": "a", "inReplyTo": BAD}},
        f"input.inReplyTo {NO_ID}",
    ),
    (
        'mutation($quoted: ID) { postTweet(input: {text: "a", quoted: $quoted}) { tweet { id } } }',
        {"quoted": BAD},
        f"input.quoted {NO_ID}",
    ),
    ('{ homeTimeline(first: 5, after: "notright") { headCursor } }', {}, f"after {NO_CURSOR}"),
    ("query($c: String) { homeTimeline(last: 5, before: $c) { headCursor } }", {"c": BAD}, f"before {NO_CURSOR}"),
    ('{ homeTimeline(mode: TOP, after: "") { headCursor } }', {}, f"after {NO_CURSOR}"),
    ('{ searchUsers(query: "a", after: "notright") { edges { cursor } } }', {}, f"after {NO_CURSOR}"),
    ('{ notifications(first: 1, after: "notright") { headCursor } }', {}, f"after {NO_CURSOR}"),
    ('mutation { markNotificationsRead(upTo: "notright") { unreadCount } }', {}, f"upTo {NO_CURSOR}"),
    ('{ viewer { user { followers(after: "notright") { edges { cursor } } } } }', {}, f"after {NO_CURSOR}"),
]  # fmt: skip
FOLLOWED: list[tuple[str, dict[str, Any], str]] = [
    ('subscription { homeTimelineEvents(after: "notright") { __typename } }', {}, f"after {NO_CURSOR}"),
    ("subscription($c: String) { notificationEvents(after: $c) { __typename } }", {"c": BAD}, f"after {NO_CURSOR}"),
    ("subscription($ids: [ID!]!) { tweetUpdates(ids: $ids) { tweetId } }", {"ids": [TWEET, BAD]}, f"ids[1] {NO_ID}"),
]  # fmt: skip


async def test_error_of_a_query_or_mutation_names_its_argument(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    for document, variables, message in ASKED:
        answer = await shared_service.ask(document, variables, alice.token)
        assert (document, told(answer["errors"])) == (document, [message])


async def test_error_of_a_subscription_names_its_argument(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    async with connected(shared_service, alice.token) as socket:
        for document, variables, message in FOLLOWED:
            await socket.subscribe(document, **variables)
            answer = await socket.message()
            errors = answer["payload"] if answer["type"] == "error" else answer["payload"]["errors"]
            assert (document, told(errors)) == (document, [message])


def told(errors: list[dict[str, Any]]) -> list[str]:
    assert {error["extensions"]["code"] for error in errors} <= {"BAD_USER_INPUT", "BAD_CURSOR"}
    assert BAD not in str(errors)
    return [error["message"] for error in errors]
