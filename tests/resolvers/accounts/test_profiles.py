"""Profiles, profile changes, and lookups by global id."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest

from core.auth.tokens import AccessTokens, utc_now
from core.ids import SessionId, UserId
from core.settings import signing_keys
from tests.support.people import DELETE, Person, codes, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

USER = "query($handle: String!) { user(handle: $handle) { id handle name bio avatarUrl isProtected isVerified } }"
UPDATE = """mutation($input: UpdateProfileInput!) { updateProfile(input: $input) {
  user { id handle name bio avatarUrl isProtected isVerified } userErrors { code field message } } }"""
NODES = """query($ids: [ID!]!) { nodes(ids: $ids) {
  __typename id ... on User { handle } ... on Tweet { text } ... on Retweet { tweet { text } } } }"""
NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
VIEWER = "{ viewer { user { id } email } }"
LIFETIME = timedelta(minutes=15)


def global_id(text: str) -> str:
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def profile(person: Person, **changed: Any) -> dict[str, Any]:
    """The expected profile of a user made by `sign_up`, with the fields `changed`."""
    name = person.handle.rpartition("_")[0]
    empty = {"bio": None, "avatarUrl": None, "isProtected": False, "isVerified": False}
    return {"id": person.id, "handle": person.handle, "name": name, **empty, **changed}


async def seen(person: Person) -> dict[str, Any]:
    """The profile as an anonymous viewer sees it."""
    result: dict[str, Any] = (await person.service.ask(USER, {"handle": person.handle}))["data"]["user"]
    return result


async def test_user_is_found_by_handle_in_whatever_case(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    for handle in (alice.handle, alice.handle.upper(), alice.handle.title()):
        assert await shared_service.ask(USER, {"handle": handle}) == {"data": {"user": profile(alice)}}


@pytest.mark.parametrize("handle", ["", "nobody_at_all", "\0", "é", "ALİCE", "x" * 50_000, "$where"])
async def test_there_is_nobody_of_an_unknown_handle(shared_service: Service, handle: str) -> None:
    await sign_up(shared_service, "alice")
    assert await shared_service.ask(USER, {"handle": handle}) == {"data": {"user": None}}


async def test_handle_may_be_typed_with_its_sign(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    for typed in (f"@{alice.handle}", f" @{alice.handle.upper()} ", f"\uff20{alice.handle}"):
        assert await shared_service.ask(USER, {"handle": typed}) == {"data": {"user": profile(alice)}}
    for wrong in (f"@@{alice.handle}", f"@ {alice.handle}", f"#{alice.handle}"):
        assert await shared_service.ask(USER, {"handle": wrong}) == {"data": {"user": None}}


async def test_viewer_is_who_asks(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    expected = {"user": {"id": alice.id}, "email": f"{alice.handle}@example.org"}
    assert await alice.ask(VIEWER) == {"viewer": expected}


@pytest.mark.parametrize(
    ("accept", "document", "status"),
    [
        ("application/graphql-response+json", "{ homeTimeline { state } }", 401),
        ("application/graphql-response+json", "{ homeTimeline { state } notifications { unreadCount } }", 401),
        ("application/graphql-response+json", "{ viewer { email } }", 200),
        ("application/graphql-response+json", "{ health: __typename }", 200),
        ("application/json", "{ homeTimeline { state } }", 200),
        ("*/*", "{ homeTimeline { state } }", 200),
    ],
)
async def test_answer_that_nobody_may_have_has_status_401(
    shared_service: Service, accept: str, document: str, status: int
) -> None:
    answer = await shared_service.http.post("/graphql", json={"query": document}, headers={"accept": accept})
    assert answer.status_code == status
    assert answer.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    refused = [error["extensions"]["code"] for error in answer.json().get("errors", ())]
    assert set(refused) == ({"UNAUTHENTICATED"} if "homeTimeline" in document else set())


async def test_without_a_valid_token_there_is_no_viewer(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    keys = signing_keys(shared_service.settings)
    claims = AccessTokens(keys).check(alice.token)
    expired, _ = AccessTokens(keys, lambda: utc_now() - LIFETIME).issue(claims.user_id, claims.session_id)
    other_session, _ = AccessTokens(keys).issue(claims.user_id, SessionId(claims.session_id + 1))
    other_person, _ = AccessTokens(keys).issue(UserId(claims.user_id + 1), claims.session_id)
    other_key, _ = AccessTokens([b"another key, as long as a key must be"]).issue(claims.user_id, claims.session_id)
    unsigned = f"{alice.token.rpartition('.')[0]}."
    bad = [None, "x", "a.b.c", alice.token[:-2], unsigned, expired, other_session, other_person, other_key]
    for token in [*bad, alice.refresh_token]:
        assert await shared_service.ask(VIEWER, token=token) == {"data": {"viewer": None}}
        assert codes(await shared_service.ask("{ homeTimeline { state } }", token=token)) == ["UNAUTHENTICATED"]


async def test_other_schemes_than_bearer_are_no_token(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    for header, viewer in [
        (f"Bearer {alice.token}", {"user": {"id": alice.id}}),
        (f"bearer  {alice.token}", {"user": {"id": alice.id}}),
        (f"Basic {alice.token}", None),
        (alice.token, None),
        ("Bearer", None),
    ]:
        headers = {"authorization": header}
        body = {"query": "{ viewer { user { id } } }"}
        answer = await shared_service.http.post("/graphql", json=body, headers=headers)
        assert answer.json() == {"data": {"viewer": viewer}}


async def test_profile_changes_where_it_is_told_to_alone(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    steps: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"name": " Ada  Rook "}, {"name": "Ada  Rook"}),
        ({"bio": "Counts\r\neverything."}, {"bio": "Counts\neverything."}),
        ({}, {}),
        ({"bio": None, "avatarUrl": " "}, {"bio": None, "avatarUrl": None}),
        ({"isProtected": True, "name": "n" * 50}, {"isProtected": True, "name": "n" * 50}),
        ({"isProtected": False, "bio": "b" * 160}, {"isProtected": False, "bio": "b" * 160}),
        ({"bio": ""}, {"bio": None}),
    ]
    expected = profile(alice)
    for changes, result in steps:
        expected |= result
        assert (await alice.act(UPDATE, input=changes))["user"] == expected
        assert await seen(alice) == expected


async def test_refused_profile_stays_as_it_was(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    await seen(alice)
    before = await shared_service.fingerprint()
    wrong = {"name": None, "bio": "b" * 161, "avatarUrl": "javascript:alert(1)", "isProtected": None}
    assert await alice.refused(UPDATE, input=wrong) == [
        ("INVALID", ["input", "name"]),
        ("TOO_LONG", ["input", "bio"]),
        ("INVALID", ["input", "avatarUrl"]),
        ("INVALID", ["input", "isProtected"]),
    ]
    assert await alice.refused(UPDATE, input={"name": "Ada", "bio": "nul\0"}) == [("INVALID", ["input", "bio"])]
    assert await shared_service.fingerprint() == before
    assert await seen(alice) == profile(alice)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "", "INVALID"),
        ("name", " ", "INVALID"),
        ("name", "nul\0", "INVALID"),
        ("name", "two\nlines", "INVALID"),
        ("name", "n" * 51, "TOO_LONG"),
        ("bio", "nul\0", "INVALID"),
        ("avatarUrl", "https://example.org/a.png", "INVALID"),
    ],
)
async def test_wrong_field_of_a_profile_is_named(shared_service: Service, field: str, value: str, code: str) -> None:
    alice = await sign_up(shared_service, "alice")
    assert await alice.refused(UPDATE, input={field: value}) == [(code, ["input", field])]


@pytest.mark.parametrize("field", ["name", "bio", "avatarUrl", "isProtected"])
async def test_value_of_another_type_is_an_error(shared_service: Service, field: str) -> None:
    alice = await sign_up(shared_service, "alice")
    assert await alice.failed(UPDATE, input={field: {"nested": 1}}) == ["BAD_USER_INPUT"]
    assert await alice.failed(UPDATE, input={"handle": "another"}) == ["BAD_USER_INPUT"]


async def test_nodes_come_in_the_order_asked_with_null_for_what_is_not_there(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    tweet, gone = await alice.post("here"), await alice.post("gone")
    await alice.act(DELETE, id=gone)
    (session,) = (await alice.ask("{ viewer { sessions { id } } }"))["viewer"]["sessions"]
    unknown = [global_id(f"{kind}:1") for kind in ("User", "Tweet", "Retweet", "Session")]
    ids = [bob.id, tweet, gone, *unknown, session["id"], alice.id, tweet]
    shown_tweet = {"__typename": "Tweet", "id": tweet, "text": "here"}
    people = [{"__typename": "User", "id": one.id, "handle": one.handle} for one in (bob, alice)]
    expected = [people[0], shown_tweet, None, *[None] * 4, None, people[1], shown_tweet]
    assert await shared_service.ask(NODES, {"ids": ids}) == {"data": {"nodes": expected}}
    for node_id, node in zip(ids, expected, strict=True):
        found = (await shared_service.ask(NODE, {"id": node_id}))["data"]["node"]
        assert found == (node and {"__typename": node["__typename"], "id": node["id"]})


async def test_no_ids_are_no_nodes(shared_service: Service) -> None:
    assert await shared_service.ask(NODES, {"ids": []}) == {"data": {"nodes": []}}


async def test_a_hundred_nodes_are_served_and_one_more_refused(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    answer = await shared_service.ask(NODES, {"ids": [alice.id] * 100})
    assert [node["id"] for node in answer["data"]["nodes"]] == [alice.id] * 100
    assert codes(await shared_service.ask(NODES, {"ids": [alice.id] * 101})) == ["QUERY_TOO_COMPLEX"]


@pytest.mark.parametrize(
    "made_up",
    [
        "",
        "x",
        "1",
        1,
        "é",
        "\0",
        "User:1",
        global_id("Nonsense:1"),
        global_id("User"),
        global_id("User:"),
        global_id("User:x"),
        global_id("User:-1"),
        global_id("User:+1"),
        global_id("User:01"),
        global_id("User:1.0"),
        global_id("User: 1"),
        global_id("User:١"),
        global_id(":1"),
        global_id(f"User:{2**63}"),
        global_id(f"User:{'9' * 400}"),
        global_id("User:1") + "=",
        global_id("User:1") + "\n",
        "x" * 50_000,
    ],
)
async def test_what_is_no_id_is_an_error(shared_service: Service, made_up: object) -> None:
    alice = await sign_up(shared_service, "alice")
    assert codes(await shared_service.ask(NODE, {"id": made_up})) == ["BAD_USER_INPUT"]
    assert codes(await shared_service.ask(NODES, {"ids": [alice.id, made_up]})) == ["BAD_USER_INPUT"]
