"""The input of postTweet: accepted and refused texts."""

import pytest

from tests.support.people import POST, codes, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN_TWEETS = "{ viewer { user { tweetCount tweets(first: 2) { edges { node { ... on Tweet { text } } } } } } }"


@pytest.mark.parametrize(
    "text",
    ["x" * 280, "字" * 140, "👩‍👧" * 140, f"{'x' * 256} https://example.org/{'y' * 300}", " x ", "0"],
    ids=["latin", "wide", "emoji", "url", "spaces", "zero"],
)
async def test_text_of_280_weighted_characters_is_posted(shared_service: Service, text: str) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post(text)
    user = (await alice.ask(OWN_TWEETS))["viewer"]["user"]
    assert user["tweetCount"] == 1
    assert [edge["node"]["text"] for edge in user["tweets"]["edges"]] == [text]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "INVALID"),
        (" \n\t", "INVALID"),
        ("nul\0", "INVALID"),
        ("x" * 281, "TOO_LONG"),
        ("字" * 140 + "x", "TOO_LONG"),
        ("👩‍👧" * 140 + "x", "TOO_LONG"),
        (f"{'x' * 257} https://example.org/", "TOO_LONG"),
        ("x" * 50_000, "TOO_LONG"),
        ("e" + "\u0301" * 20_000, "TOO_LONG"),
    ],
    ids=["empty", "blank", "nul", "latin", "wide", "emoji", "url", "endless", "marks"],
)
async def test_text_that_is_none_is_refused(shared_service: Service, text: str, code: str) -> None:
    alice = await sign_up(shared_service, "alice")
    before = await shared_service.fingerprint()
    assert await alice.refused(POST, input={"text": text}) == [(code, ["input", "text"])]
    assert await shared_service.fingerprint() == before


async def test_lone_surrogate_is_no_text(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    before = await shared_service.fingerprint()
    headers = {"authorization": f"Bearer {alice.token}", "content-type": "application/json"}
    in_variable = rb"""{"query": "mutation($t: String!) { postTweet(input: {text: $t}) { userErrors { code } } }",
        "variables": {"t": "\ud83d alone"}}"""
    in_document = rb'{"query": "mutation { postTweet(input: {text: \"\\ud83d alone\"}) { userErrors { code } } }"}'
    for body, code in ((in_variable, "BAD_USER_INPUT"), (in_document, "GRAPHQL_PARSE_FAILED")):
        answer = await shared_service.http.post("/graphql", content=body, headers=headers)
        assert (answer.status_code, codes(answer.json())) == (400, [code])
    assert await shared_service.fingerprint() == before


async def test_every_wrong_field_of_a_posting_is_told_at_once(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    assert await alice.refused(POST, input={"text": "", "idempotencyKey": ""}) == [
        ("INVALID", ["input", "text"]),
        ("INVALID", ["input", "idempotencyKey"]),
    ]
