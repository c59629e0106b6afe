"""Scoped tokens over HTTP: made, listed, used within their scopes and origin, revoked, and run out."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from graphql import GraphQLField, get_named_type, is_leaf_type, is_required_argument

from core.auth.scopes import Scope
from core.auth.tokens import utc_now
from resolvers.accounts.access_tokens import clean_origin
from tests.resolvers.samples import sample, schema_of, selection
from tests.support.people import PASSWORD, POST, Person, sign_up
from tests.support.scenarios.scoped_tokens import (
    CREATE,
    REVOKE,
    TOKENS,
    created,
    number_of,
    scoped,
    short_lived,
    wanted,
)
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORDS = "{ viewer { mutedWords } }"
UNREAD = "{ viewer { unreadNotificationCount } }"
CHANGE = f'mutation {{ changePassword(current: "{PASSWORD}", new: "staple battery") {{ userErrors {{ code }} }} }}'
DELETE = f'mutation {{ deleteAccount(password: "{PASSWORD}") {{ deletedId userErrors {{ code }} }} }}'
NODE = "query($id: ID!) { node(id: $id) { id ... on AccessToken { name } } }"
ID_ALONE = "query($id: ID!) { node(id: $id) { id } }"
PAGE = "https://shop.example"
SIGNED_IN_ALONE = {
    *("register", "login", "refreshTokens", "logout", "changePassword", "deleteAccount", "createAccessToken"),
    *("revokeAccessToken", "createCampaign", "pauseCampaign", "resumeCampaign", "verifyEmail", "resendVerification"),
    *(
        "requestPasswordReset",
        "resetPassword",
        "changeEmail",
        "changeHandle",
        "reviewCampaign",
        "reviewSignUp",
        "setRole",
    ),
    *("dismissReport", "moderate", "revokeDecision", "answerAppeal", "setVerified", "setFilter", "deleteFilter"),
    *("appeal", "subscribeToPush", "setPushPreferences", "unsubscribeFromPush"),
}


async def tokens_of(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await person.ask(TOKENS))["viewer"]["accessTokens"]
    return found


async def from_page(person: Person, origin: str | None, document: str = WORDS) -> dict[str, Any]:
    """The answer to a request that carries this Origin header."""
    headers = {"authorization": f"Bearer {person.token}", **({} if origin is None else {"origin": origin})}
    answer = await person.service.http.post("/graphql", json={"query": document}, headers=headers)
    result: dict[str, Any] = answer.json()
    return result


async def test_token_is_shown_once_listed_and_stored_as_a_hash(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    before = utc_now()
    made = await alice.act(CREATE, input=wanted("READ", "WRITE", "READ", name=" My bot ", days=365, origin=f"{PAGE}/"))
    token = made["accessToken"]
    assert (token["name"], token["scopes"], token["origin"]) == ("My bot", ["READ", "WRITE"], PAGE)
    assert token["lastUsedAt"] is None
    lasts = datetime.fromisoformat(token["expiresAt"]) - before
    assert timedelta(days=365, seconds=-5) < lasts < timedelta(days=365, minutes=1)
    other_id, _ = await created(alice, "READ_UNREAD_COUNT", name="Later")
    assert [one["id"] for one in await tokens_of(alice)] == [other_id, token["id"]]
    assert (await tokens_of(alice))[1] == token
    assert await tokens_of(bob) == []
    assert (await alice.ask(NODE, id=token["id"]))["node"] == {"id": token["id"], "name": "My bot"}
    assert (await bob.ask(NODE, id=token["id"]))["node"] is None
    assert (await shared_service.ask(NODE, {"id": token["id"]}))["data"]["node"] is None
    async for row in shared_service.stores.mongo.collection("access_tokens").find():
        assert made["secret"].rpartition("_")[2] not in repr(row)
        assert made["secret"].encode() not in bytes(row["digest"])


async def test_every_root_field_is_open_to_its_scopes_alone(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    schema = await schema_of(shared_service)
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    for scope in Scope:
        token = await scoped(alice, scope)
        for name, field in schema.query_type.fields.items():
            narrow = {"notifications": Scope.READ_NOTIFICATIONS, "viewer": Scope.READ_UNREAD_COUNT}.get(name)
            is_open = scope in {Scope.READ, Scope.WRITE, narrow}
            assert (scope, name, await is_covered(token, "query", name, field)) == (scope, name, is_open)
        for name, field in schema.mutation_type.fields.items():
            is_open = scope is Scope.WRITE and name not in SIGNED_IN_ALONE
            assert (scope, name, await is_covered(token, "mutation", name, field)) == (scope, name, is_open)
    assert (await alice.ask("{ viewer { user { id } } }"))["viewer"]["user"]["id"] == alice.id


async def is_covered(token: Person, kind: str, name: str, field: GraphQLField) -> bool:
    required = {key: argument for key, argument in field.args.items() if is_required_argument(argument)}
    declared = ", ".join(f"${key}: {argument.type}" for key, argument in required.items())
    given = ", ".join(f"{key}: ${key}" for key in required)
    heads = (f"({declared})", f"({given})") if required else ("", "")
    below = selection(get_named_type(field.type)) if not is_leaf_type(field.type) else ""
    document = f"{kind}{heads[0]} {{ {name}{heads[1]}{below} }}"
    variables = {key: sample(argument.type) for key, argument in required.items()}
    answer = await token.service.ask(document, variables, token.token)
    forbidden = [one for one in answer.get("errors", ()) if "scope" in one["message"].lower()]
    assert all(one["extensions"]["code"] == "FORBIDDEN" for one in forbidden)
    return not forbidden


async def test_refused_mutation_of_a_token_changes_nothing(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    reader = await scoped(alice, "READ")
    assert await reader.ask(WORDS) == {"viewer": {"mutedWords": []}}
    before = await shared_service.fingerprint()
    answer = await shared_service.ask(POST, {"input": {"text": "not by me"}}, reader.token)
    assert answer == {
        "errors": [
            {
                "message": "Mutation.postTweet needs a token with the scope WRITE.",
                "extensions": {"code": "FORBIDDEN"},
            }
        ]
    }
    assert await shared_service.fingerprint() == before
    assert await (await scoped(alice, "WRITE")).post("by my bot")


async def test_a_token_never_tells_of_tokens(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    token_id, writer = await created(alice, "WRITE")
    for document in (NODE, ID_ALONE, "query($id: ID!) { nodes(ids: [$id]) { id } }"):
        assert await writer.failed(document, id=token_id) == ["FORBIDDEN"]
    assert await writer.failed(CREATE, input=wanted("WRITE")) == ["FORBIDDEN"]
    assert await writer.failed(REVOKE, id=token_id) == ["FORBIDDEN"]
    assert [one["id"] for one in await tokens_of(alice)] == [token_id]


async def test_use_of_a_token_is_noted_every_few_minutes(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    _, reader = await created(alice, "READ")
    began = utc_now() - timedelta(seconds=1)
    seen = []
    for _ in range(3):
        await reader.ask(WORDS)
        seen.append((await tokens_of(alice))[0]["lastUsedAt"])
    assert datetime.fromisoformat(seen[0]) > began
    assert seen == seen[:1] * 3


async def test_token_of_an_origin_serves_its_pages_alone(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    bound = await scoped(alice, "READ", origin=PAGE.upper())
    free = await scoped(alice, "READ")
    assert "errors" not in await from_page(bound, PAGE)
    for origin in (None, "null", f"{PAGE}:8443", "http://shop.example", "https://a.shop.example", f"{PAGE}/", ""):
        answer = await from_page(bound, origin)
        assert (origin, [one["extensions"]["code"] for one in answer["errors"]]) == (origin, ["FORBIDDEN"])
        assert "data" not in answer
        assert "errors" not in await from_page(free, origin)


async def test_revoked_token_and_one_that_ran_out_are_refused(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    (gone_id, gone), (_, stays) = await created(alice, "READ"), await created(alice, "READ")
    over = await short_lived(alice, Scope.READ, 2.0)
    for one in (gone, stays, over):
        assert "viewer" in await one.ask(WORDS)
    assert await bob.refused(REVOKE, id=gone_id) == [("NOT_FOUND", ["id"])]
    assert "viewer" in await gone.ask(WORDS)

    assert await alice.act(REVOKE, id=gone_id) == {"deletedId": gone_id, "userErrors": []}

    async def are_over() -> bool:
        answers = [await one.service.ask(WORDS, token=one.token) for one in (gone, over)]
        return answers == [{"data": {"viewer": None}}] * 2

    await eventually(are_over, within=5.0)
    assert await gone.failed("{ homeTimeline { state } }") == ["UNAUTHENTICATED"]
    assert await alice.refused(REVOKE, id=gone_id) == [("NOT_FOUND", ["id"])]
    assert "viewer" in await stays.ask(WORDS)
    assert len(await tokens_of(alice)) == 1


async def test_changed_password_leaves_tokens_and_a_deleted_account_none(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    reader = await scoped(alice, "READ")
    await alice.act(CHANGE)
    assert "viewer" in await reader.ask(WORDS)
    mallory = await sign_up(shared_service, "mallory")
    writer = await scoped(mallory, "WRITE")
    await mallory.act(DELETE)

    async def is_over() -> bool:
        return await shared_service.ask(WORDS, token=writer.token) == {"data": {"viewer": None}}

    await eventually(is_over, within=5.0)
    await shared_service.settle()
    assert await shared_service.stores.mongo.collection("access_tokens").find_one({"_id": number_of(writer)}) is None


async def test_wrong_secret_counts_as_none(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    secret = (await scoped(alice, "READ")).token
    other = (await scoped(alice, "READ")).token
    prefix, number, random = secret.split("_", 2)
    forged = [f"{prefix}_{number}_{other.split('_', 2)[2]}", f"{prefix}_{number}_{'A' * 43}", f"{prefix}_1_{random}"]
    for token in [*forged, secret[:-1], f"{secret}A", secret.upper()]:
        assert await shared_service.ask(WORDS, token=token) == {"data": {"viewer": None}}
    assert "viewer" in await replace(alice, token=secret).ask(WORDS)


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"name": " "}, [("INVALID", ["input", "name"])]),
        ({"name": "n" * 51}, [("TOO_LONG", ["input", "name"])]),
        ({"scopes": []}, [("INVALID", ["input", "scopes"])]),
        ({"days": 0}, [("INVALID", ["input", "days"])]),
        ({"days": 366}, [("INVALID", ["input", "days"])]),
        ({"days": -1, "name": ""}, [("INVALID", ["input", "name"]), ("INVALID", ["input", "days"])]),
        ({"origin": ""}, [("INVALID", ["input", "origin"])]),
        ({"origin": "shop.example"}, [("INVALID", ["input", "origin"])]),
        ({"origin": "https://shop.example/page"}, [("INVALID", ["input", "origin"])]),
        ({"password": "wrong horse"}, [("WRONG_CREDENTIALS", ["input", "password"])]),
        ({"password": ""}, [("WRONG_CREDENTIALS", ["input", "password"])]),
    ],
)
async def test_refused_token_is_not_made(
    shared_service: Service, change: dict[str, Any], refused: list[tuple[str, list[str]]]
) -> None:
    alice = await sign_up(shared_service, "alice")
    before = await shared_service.fingerprint()
    assert await alice.refused(CREATE, input=wanted("READ", **change)) == refused
    assert await shared_service.fingerprint() == before
    assert await tokens_of(alice) == []


async def test_tokens_beyond_the_most_are_refused_beside_each_other_too(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datastore.auth.access_tokens.MOST_TOKENS", 2)
    alice = await sign_up(shared_service, "alice")
    (first, _), _ = await created(alice, "READ"), await created(alice, "READ")
    assert await alice.refused(CREATE, input=wanted("READ")) == [("CONFLICT", ["input"])]
    await alice.act(REVOKE, id=first)
    answers = await asyncio.gather(*[alice.ask(CREATE, input=wanted("READ")) for _ in range(4)])
    made = [answer for answer in answers if answer["createAccessToken"]["accessToken"]]
    assert len(made) <= 1
    assert len(await tokens_of(alice)) == 1 + len(made)


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://Shop.Example", "https://shop.example"),
        (" https://shop.example:443/ ", "https://shop.example"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("capacitor://localhost", "capacitor://localhost"),
    ],
)
async def test_origin_is_kept_as_browsers_send_it(typed: str, origin: str) -> None:
    assert clean_origin(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        *("", "null", "*", "//a", "javascript:alert(1)", "https://", "https://a b", "https://a/b", "https://u@a"),
        *("https://a?b", "https://a#b", "https://a\\b", "https://a:0", "https://a:99999", "https://[::1"),
        *("https://bücher.example", "https://" + "a" * 300),
    ],
    ids=range(17),
)
async def test_what_is_no_origin_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"origin|host|[Pp]ort|IPv6"):
        clean_origin(typed)
