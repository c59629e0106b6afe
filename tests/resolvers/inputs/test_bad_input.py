"""Wrong values for every argument of the served SDL, so that no field is forgotten."""

from typing import Any

import pytest
from graphql import (
    GraphQLField,
    get_named_type,
    is_required_argument,
)

from core.roles import Role
from schema.values.nodes import global_id
from tests.resolvers.graph.test_lists import CREATE
from tests.resolvers.samples import NOBODY, sample, schema_of, selection
from tests.support.people import EVENTS, POST, REGISTER, codes, connected, sign_up
from tests.support.scenarios.moderators import sign_up_moderator
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

# They tell nothing about a tweet that is gone or hidden.
UNDOINGS = {"unlike", "unretweet", "unbookmark", "unmuteConversation"}
# Fields for anonymous viewers.
OPEN_MUTATIONS = {
    "register",
    "login",
    "refreshTokens",
    "verifyEmail",
    "requestPasswordReset",
    "resetPassword",
    "appeal",
}
UNKNOWN = {"User": NOBODY, "Tweet": "VHdlZXQ6MQ", "Session": "U2Vzc2lvbjox", "Campaign": "Q2FtcGFpZ246MQ"}
UNKNOWN |= {kind: global_id(kind, 1) for kind in ("AccessToken", "List", "Media", "Report", "Decision", "Filter")}
UNKNOWN |= {"ppeal": UNKNOWN["Decision"], "FromPush": global_id("PushSubscription", 1)}
KINDS = ("Campaign", "AccessToken", "List", "Media", "Report", "Decision", "Filter", "ppeal", "FromPush")
OF_MODERATORS = {
    *("reviewCampaign", "reviewSignUp", "setRole", "setVerified", "dismissReport", "revokeDecision", "answerAppeal"),
    "deleteFilter",
}


def call(operation: str, name: str, field: GraphQLField) -> tuple[str, dict[str, Any]]:
    """A document that calls the field with all required arguments, and variables of a valid call."""
    required = {key: argument for key, argument in field.args.items() if is_required_argument(argument)}
    declared = ", ".join(f"${key}: {argument.type}" for key, argument in required.items())
    given = ", ".join(f"{key}: ${key}" for key in required)
    heads = (f"({declared})", f"({given})") if required else ("", "")
    document = f"{operation}{heads[0]} {{ {name}{heads[1]}{selection(get_named_type(field.type))} }}"
    return document, {key: sample(argument.type) for key, argument in required.items()}


def call_with(name: str, field: GraphQLField, argument: str, ids: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """A document whose argument is tried, and the variables for the other required ones; `ids` are valid ones."""
    required = [key for key, one in field.args.items() if is_required_argument(one) or key == argument]
    declared = ", ".join(f"${key}: {field.args[key].type}" for key in required)
    given = ", ".join(f"{key}: ${key}" for key in required)
    selected = " { userErrors { code field message } }"
    others = {key: ids.get(key, sample(field.args[key].type)) for key in required if key != argument}
    return f"mutation({declared}) {{ {name}({given}){selected} }}", others


async def test_every_mutation_needs_a_token(shared_service: Service) -> None:
    schema = await schema_of(shared_service)
    assert schema.mutation_type is not None
    before = await shared_service.fingerprint()
    closed = {name: field for name, field in schema.mutation_type.fields.items() if name not in OPEN_MUTATIONS}
    assert {"postTweet", "deleteTweet", "follow", "unfollow", "logout", "changePassword", "updateProfile"} <= set(
        closed
    )
    for name, field in closed.items():
        document, variables = call("mutation", name, field)
        for token in (None, "not.a.token"):
            answer = await shared_service.ask(document, variables, token)
            assert (name, codes(answer)) == (name, ["UNAUTHENTICATED"])
    assert await shared_service.fingerprint() == before


async def test_every_subscription_of_the_viewer_needs_a_token(shared_service: Service) -> None:
    async with connected(shared_service, None) as socket:
        await socket.subscribe(EVENTS)
        message = await socket.message()
        assert message["type"] == "error"
        assert [error["extensions"]["code"] for error in message["payload"]] == ["UNAUTHENTICATED"]


async def test_every_mutation_refuses_what_is_no_id(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    (session,) = (await alice.ask("{ viewer { sessions { id } } }"))["viewer"]["sessions"]
    list_id = (await alice.act(CREATE, input={"name": "Birds"}))["list"]["id"]
    schema = await schema_of(shared_service)
    assert schema.mutation_type is not None
    before = await shared_service.fingerprint()
    tried = set()
    for name, field in schema.mutation_type.fields.items():
        for argument in [key for key, one in field.args.items() if get_named_type(one.type).name == "ID"]:
            document, others = call_with(name, field, argument, {"id": list_id, "userId": alice.id})
            foreign = {alice.id, session["id"], UNKNOWN["Tweet"]}
            foreign -= {{"userId": alice.id, "sessionId": session["id"]}.get(argument, UNKNOWN["Tweet"])}
            for made_up in ("", "x", "VXNlcjowMQ", *foreign):
                failed = await alice.failed(document, **others, **{argument: made_up})
                assert (name, made_up, failed) == (name, made_up, ["BAD_USER_INPUT"])
            tried.add(f"{name}.{argument}")
    assert {"follow.userId", "unfollow.userId", "deleteTweet.id", "logout.sessionId"} <= tried
    assert await shared_service.fingerprint() == before


async def test_every_mutation_says_which_id_is_unknown(shared_service: Service) -> None:
    alice, admin = await sign_up(shared_service, "alice"), await sign_up_moderator(shared_service, Role.ADMIN)
    list_id = (await alice.act(CREATE, input={"name": "Birds"}))["list"]["id"]
    schema = await schema_of(shared_service)
    assert schema.mutation_type is not None
    before = await shared_service.fingerprint()
    for name, field in schema.mutation_type.fields.items():
        for argument in [key for key, one in field.args.items() if get_named_type(one.type).name == "ID"]:
            other = UNKNOWN[next((kind for kind in KINDS if kind in name), "Tweet")]
            unknown = {"userId": UNKNOWN["User"], "sessionId": UNKNOWN["Session"]}.get(argument, other)
            document, others = call_with(name, field, argument, {"id": list_id, "userId": alice.id})
            if name in UNDOINGS:
                await alice.act(document, **others, **{argument: unknown})
                continue
            refused = await alice.refused(document, **others, **{argument: unknown})
            if name in OF_MODERATORS:
                assert (name, refused) == (name, [("FORBIDDEN", [])])
                refused = await admin.refused(document, **others, **{argument: unknown})
            assert (name, refused) == (name, [("NOT_FOUND", [argument])])
    assert await shared_service.fingerprint() == before


async def test_every_query_refuses_what_is_no_id(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    queries = {"tweet": ("id", alice.id), "getTweets": ("userId", UNKNOWN["Tweet"]), "node": ("id", "Node:1")}
    for name, (argument, foreign) in queries.items():
        document = f"query($id: ID!) {{ {name}({argument}: $id) {{ __typename }} }}"
        for made_up in ("", "x", "VXNlcjowMQ", foreign):
            assert (name, made_up, await alice.failed(document, id=made_up)) == (name, made_up, ["BAD_USER_INPUT"])


async def test_every_device_is_checked(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    before = await shared_service.fingerprint()
    person = {"handle": "never_made", "name": "x", "email": "never@example.org", "password": "correct horse"}
    login = "mutation($input: LoginInput!) { login(input: $input) { userErrors { code } } }"
    home = "query($device: DeviceInput) { homeTimeline(device: $device) { state } }"
    texts = ("v" * 65, "nul\0", "two\nlines", "\u202e")
    devices: list[dict[str, Any]] = [
        {"kind": "WEB", key: text} for key in ("appVersion", "locale", "id") for text in texts
    ]
    for device in [*devices, {"kind": "FRIDGE"}, {"kind": None}, {}, {"kind": "WEB", "model": "x"}, "WEB"]:
        assert await alice.failed(home, device=device) == ["BAD_USER_INPUT"]
        assert await alice.failed(POST, input={"text": "x", "device": device}) == ["BAD_USER_INPUT"]
        assert await alice.failed(REGISTER, input={**person, "device": device}) == ["BAD_USER_INPUT"]
        signing = {"login": alice.handle, "password": "correct horse", "device": device}
        assert await alice.failed(login, input=signing) == ["BAD_USER_INPUT"]
    assert await shared_service.fingerprint() == before
    assert await alice.ask(home, device={"kind": "WEB", "appVersion": "v" * 64, "locale": "gsw-u-sd-chzh"})


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("{ nonsense }", {}),
        ("{ homeTimeline(first: 99999999999) { state } }", {}),
        ('{ homeTimeline(first: "20") { state } }', {}),
        ("{ homeTimeline(mode: NEWEST) { state } }", {}),
        ("{ user { id } }", {}),
        ("{ user(handle: null) { id } }", {}),
        ("mutation { postTweet(input: {}) { userErrors { code } } }", {}),
        ('mutation { postTweet(input: {text: "x", colour: "red"}) { userErrors { code } } }', {}),
        ("mutation { logout(sessionId: [1, 2]) { deletedId } }", {}),
        ("query($first: Int!) { homeTimeline(first: 1) { state } }", {"first": 1}),
        ("query($first: String!) { homeTimeline(first: $first) { state } }", {"first": "1"}),
    ],
)
async def test_document_that_does_not_fit_the_schema_is_refused_as_a_whole(
    shared_service: Service, document: str, variables: dict[str, Any]
) -> None:
    alice = await sign_up(shared_service, "alice")
    answer = await shared_service.ask(document, variables, alice.token)
    assert "data" not in answer
    assert set(codes(answer)) == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"text": None},
        {"text": 5},
        {"text": ["x"]},
        {"text": "x", "quoted": {}},
        {"text": "x", "colour": "red"},
        None,
        "x",
    ],
)
async def test_variable_of_another_shape_is_an_error(shared_service: Service, wrong: object) -> None:
    alice = await sign_up(shared_service, "alice")
    before = await shared_service.fingerprint()
    assert set(await alice.failed(POST, input=wrong)) == {"BAD_USER_INPUT"}
    assert await shared_service.fingerprint() == before
