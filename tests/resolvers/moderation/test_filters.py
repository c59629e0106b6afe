"""Filters of the operator: what they refuse and hold, who changes them."""

from typing import Any

import pytest

from core.roles import Role
from schema.values.nodes import NodeType, global_id
from tests.support.people import PASSWORD, POST, REGISTER, Person, registration, sign_up
from tests.support.scenarios.moderators import log_about, queue, revoke, sign_up_moderator
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN_DATABASE = True

SET = """mutation Set($input: FilterInput!) { setFilter(input: $input) {
  filter { id kind pattern effect isOn } userErrors { code field message } } }"""
DELETE = "mutation($id: ID!) { deleteFilter(id: $id) { deletedId userErrors { code field message } } }"
LISTED = "{ moderation { filters(first: 100) { edges { node { id pattern isOn } } } } }"
EDIT = """mutation($id: ID!, $text: String!) { editTweet(input: {id: $id, text: $text}) {
  tweet { id } userErrors { code field } } }"""
TWEET = "query($id: ID!) { tweet(id: $id) { text isRemoved } }"
HOME = "{ homeTimeline { edges { node { ... on Tweet { id } } } } }"
PROFILE = "query($handle: String!) { user(handle: $handle) { tweetCount } }"
DESCRIBE = (
    "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) { userErrors { code field message } } }"
)
LIST = "mutation($input: ListInput!) { createList(input: $input) { list { id } userErrors { code field message } } }"
CHANGE_LIST = """mutation($id: ID!, $input: UpdateListInput!) { updateList(id: $id, input: $input) {
  userErrors { code field message } } }"""
RENAME = """mutation($handle: String!, $password: String!) { changeHandle(handle: $handle, password: $password) {
  userErrors { code field message } } }"""
TEXTS = "query($handle: String!) { user(handle: $handle) { name bio } }"
OWN_LISTS = "{ viewer { lists(first: 9) { edges { node { name description } } } } }"
DECISIONS = "{ viewer { decisions { edges { node { id action explanation } } } } }"


async def set_filter(admin: Person, kind: str, pattern: str, effect: str, *, is_on: bool = True) -> dict[str, Any]:
    wanted = {"kind": kind, "pattern": pattern, "effect": effect, "isOn": is_on}
    result: dict[str, Any] = (await admin.act(SET, input=wanted))["filter"]
    return result


async def test_texts_and_links_are_refused_while_a_filter_is_on(shared_service: Service) -> None:
    alice, admin = await sign_up(shared_service, "alice"), await sign_up_moderator(shared_service, Role.ADMIN)
    word = await set_filter(admin, "WORD", "Buy Tokens", "REFUSE")
    await set_filter(admin, "LINK", "https://www.Spam.example.com/x", "REFUSE")
    for text in ("come and BUY  tokens now", "see spam.example.com/y", "see https://a.spam.example.com"):
        assert (text, await alice.refused(POST, input={"text": text})) == (text, [("FORBIDDEN", ["input", "text"])])
    warned = {"text": "hello", "contentWarning": "buy tokens"}
    assert await alice.refused(POST, input=warned) == [("FORBIDDEN", ["input", "text"])]
    for text in ("tokens I buy", "buy a tokens", "see example.com", "see notspam.example.com"):
        await alice.post(text)
    tweet = await alice.post("innocent")
    for text in ("buy tokens", "see spam.example.com"):
        assert await alice.refused(EDIT, id=tweet, text=text) == [("FORBIDDEN", ["input", "text"])]
    assert (await set_filter(admin, "WORD", "Buy Tokens", "REFUSE", is_on=False))["id"] == word["id"]
    await alice.post("buy tokens")
    assert (await alice.ask(PROFILE, handle=alice.handle))["user"]["tweetCount"] == 6


async def test_held_tweet_is_its_authors_until_moderators_give_it_free(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    moderator, admin = await sign_up_moderator(shared_service), await sign_up_moderator(shared_service, Role.ADMIN)
    await bob.follow(alice)
    await set_filter(admin, "WORD", "dubious", "HOLD")
    key = {"text": "something dubious", "idempotencyKey": "once"}
    tweet = (await alice.act(POST, input=key))["tweet"]["id"]
    assert (await alice.act(POST, input=key))["tweet"]["id"] == tweet
    await shared_service.settle()
    assert (await alice.ask(TWEET, id=tweet))["tweet"]["isRemoved"] is True
    assert (await bob.ask(TWEET, id=tweet))["tweet"] is None
    assert (await bob.ask(HOME))["homeTimeline"]["edges"] == []
    assert (await bob.ask(PROFILE, handle=alice.handle))["user"]["tweetCount"] == 0
    (entry,) = await queue(moderator, subject=tweet)
    assert (entry["reporters"], entry["reason"], entry["comment"]) == (0, "OTHER", "Held by the filter WORD dubious.")
    ((decision,),) = [[edge["node"] for edge in (await alice.ask(DECISIONS))["viewer"]["decisions"]["edges"]]]
    assert decision["action"] == "REMOVE"
    assert await log_about(moderator, tweet) == [("HOLD", "WORD dubious", None)]
    await revoke(moderator, decision)
    await shared_service.settle()
    assert (await bob.ask(TWEET, id=tweet))["tweet"] == {"text": "something dubious", "isRemoved": False}
    assert tweet in str(await bob.ask(HOME))
    assert (await bob.ask(PROFILE, handle=alice.handle))["user"]["tweetCount"] == 1


async def test_addresses_are_refused_or_wait_for_approval(shared_service: Service) -> None:
    admin = await sign_up_moderator(shared_service, Role.ADMIN)
    await set_filter(admin, "EMAIL", "@Mail.Example", "REFUSE")
    await set_filter(admin, "EMAIL", "odd@example.org", "HOLD")

    async def registered(email: str) -> dict[str, Any]:
        wanted = {"input": registration("someone") | {"email": email}}
        answer = await shared_service.ask(REGISTER, wanted)
        payload: dict[str, Any] = answer["data"]["register"]
        return payload

    for email in ("a@mail.example", "B@MAIL.example", "c@x.mail.example"):
        errors = (await registered(email))["userErrors"]
        assert [(error["code"], error["field"]) for error in errors] == [("FORBIDDEN", ["input", "email"])]
    held = await registered("Odd@example.org")
    assert (held["tokens"], held["viewer"], held["userErrors"]) == (None, None, [])
    assert (await registered("d@notmail.example"))["tokens"] is not None


async def test_texts_of_people_and_lists_are_refused_and_new_accounts_wait(shared_service: Service) -> None:
    alice, admin = await sign_up(shared_service, "alice"), await sign_up_moderator(shared_service, Role.ADMIN)
    await set_filter(admin, "WORD", "pills4u", "REFUSE")
    await set_filter(admin, "LINK", "shop.example.net", "HOLD")
    made = (await alice.act(LIST, input={"name": "friends"}))["list"]["id"]
    for text in ("cheap Pills4U", "see shop.example.net/x"):
        for field in ("name", "bio"):
            refused = await alice.refused(DESCRIBE, input={"bio": "harmless"} | {field: text})
            assert (text, refused) == (text, [("FORBIDDEN", ["input", field])])
        for field in ("name", "description"):
            wanted = {"name": "harmless", field: text}
            assert await alice.refused(LIST, input=wanted) == [("FORBIDDEN", ["input", field])]
            assert await alice.refused(CHANGE_LIST, id=made, input={field: text}) == [("FORBIDDEN", ["input", field])]
    assert await alice.refused(RENAME, handle="Pills4U", password=PASSWORD) == [("FORBIDDEN", ["handle"])]
    user = (await alice.ask(TEXTS, handle=alice.handle))["user"]
    assert user == {"name": "alice", "bio": None}
    lists = (await alice.ask(OWN_LISTS))["viewer"]["lists"]["edges"]
    assert lists == [{"node": {"name": "friends", "description": None}}]
    for name, code in (("Pills4U", "FORBIDDEN"), ("shop.example.net", None)):
        answer = await shared_service.ask(REGISTER, {"input": registration("someone") | {"name": name}})
        payload = answer["data"]["register"]
        assert payload["tokens"] is None
        errors = [(error["code"], error["field"]) for error in payload["userErrors"]]
        assert errors == ([] if code is None else [(code, ["input", "name"])])


async def test_filters_are_changed_by_admins_alone(shared_service: Service) -> None:
    alice, moderator = await sign_up(shared_service, "alice"), await sign_up_moderator(shared_service)
    admin = await sign_up_moderator(shared_service, Role.ADMIN)
    made = await set_filter(admin, "LINK", "gone.example.com", "HOLD")
    wanted = {"kind": "WORD", "pattern": "x", "effect": "HOLD"}
    for person in (alice, moderator):
        assert await person.refused(SET, input=wanted) == [("FORBIDDEN", [])]
        assert await person.refused(DELETE, id=made["id"]) == [("FORBIDDEN", [])]
    for kind, pattern, code in (
        *((("WORD", "!!", "INVALID")), ("WORD", "x" * 101, "TOO_LONG"), ("LINK", "no host", "INVALID")),
        *((("LINK", "example", "INVALID")), ("EMAIL", "a b@example.com", "INVALID"), ("EMAIL", "@", "INVALID")),
    ):
        found = await admin.refused(SET, input=wanted | {"kind": kind, "pattern": pattern})
        assert (pattern, found) == (pattern, [(code, ["input", "pattern"])])
    listed = (await moderator.ask(LISTED))["moderation"]["filters"]["edges"]
    assert made["id"] in [edge["node"]["id"] for edge in listed]
    await admin.act(DELETE, id=made["id"])
    assert await admin.refused(DELETE, id=made["id"]) == [("NOT_FOUND", ["id"])]
    assert [line[0] for line in await log_about(admin, made["id"])] == ["DELETE_FILTER", "SET_FILTER"]
    unknown = global_id(NodeType.FILTER, 7)
    assert (await admin.ask("query($id: ID!) { node(id: $id) { id } }", id=unknown))["node"] is None
