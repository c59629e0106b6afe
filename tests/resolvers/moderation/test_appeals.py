"""Appeals: once a decision, by whom it concerns or by the token of the mail, answered by moderators."""

import asyncio
from typing import Any

import pytest

from schema.values.nodes import NodeType, global_id
from tests.support.mails.mailbox import mail_to, token_of
from tests.support.people import Person, codes, sign_up
from tests.support.scenarios.moderators import log_about, moderate, revoke, sign_up_moderator
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN_DATABASE = True
SETTINGS = {"smtp_url": None}

APPEAL = """mutation Appeal($id: ID, $token: String, $text: String!) {
  appeal(decisionId: $id, token: $token, text: $text) {
    decision { id revokedAt appeal { text createdAt isGranted answer } } userErrors { code field message } } }"""
ANSWER = """mutation Answer($id: ID!, $isGranted: Boolean!, $answer: String!) {
  answerAppeal(decisionId: $id, isGranted: $isGranted, answer: $answer) {
    decision { revokedAt appeal { isGranted answer } } userErrors { code field message } } }"""
WAITING = "{ moderation { appeals(first: 100) { edges { node { id appeal { text } } } } } }"
EMAIL = "{ viewer { email } }"


async def waiting(moderator: Person) -> list[tuple[str, str]]:
    edges = (await moderator.ask(WAITING))["moderation"]["appeals"]["edges"]
    return [(edge["node"]["id"], edge["node"]["appeal"]["text"]) for edge in edges]


async def appeal(person: Person, decision: dict[str, Any], text: str) -> dict[str, Any]:
    result: dict[str, Any] = (await person.act(APPEAL, id=decision["id"], text=text))["decision"]["appeal"]
    return result


async def test_appeal_is_made_once_and_answered_once(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    moderator = await sign_up_moderator(shared_service)
    kept, granted = await moderate(moderator, alice.id, "WARN"), await moderate(moderator, alice.id, "LIMIT")
    made = await appeal(alice, kept, " Not I ")
    assert (made["text"], made["isGranted"], made["answer"]) == ("Not I", None, None)
    await appeal(alice, granted, "Please")
    for text in ("Not I", "Again"):
        assert await alice.refused(APPEAL, id=kept["id"], text=text) == [("CONFLICT", ["decisionId"])]
    assert await waiting(moderator) == [(kept["id"], "Not I"), (granted["id"], "Please")]

    answer = {"isGranted": False, "answer": "It stays."}
    shown = (await moderator.act(ANSWER, id=kept["id"], **answer))["decision"]
    assert shown == {"revokedAt": None, "appeal": answer}
    shown = (await moderator.act(ANSWER, id=granted["id"], isGranted=True, answer="Sorry."))["decision"]
    assert shown["revokedAt"] is not None
    assert await waiting(moderator) == []
    for decision in (kept, granted):
        assert await moderator.refused(ANSWER, id=decision["id"], **answer) == [("CONFLICT", ["decisionId"])]
    assert [line[:2] for line in await log_about(moderator, alice.id)][:2] == [
        ("GRANT_APPEAL", "Sorry."),
        ("REJECT_APPEAL", "It stays."),
    ]
    address = (await alice.ask(EMAIL))["viewer"]["email"]
    texts = [await mail_to(shared_service, address, "Your appeal was answered", number) for number in range(2)]
    assert sorted(("Sorry." in mail["text"], "It stays." in mail["text"]) for mail in texts) == [
        (False, True),
        (True, False),
    ]
    for person in (alice, bob):
        assert await person.refused(ANSWER, id=kept["id"], **answer) == [("FORBIDDEN", [])]


async def test_appeal_is_refused_of_others_and_of_what_stands_no_more(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    moderator = await sign_up_moderator(shared_service)
    decision = await moderate(moderator, alice.id, "WARN")
    for person, number in ((bob, decision["id"]), (moderator, decision["id"]), (alice, global_id("Decision", 7))):
        assert await person.refused(APPEAL, id=number, text="x") == [("NOT_FOUND", ["decisionId"])]
    for text, code in ((" ", "INVALID"), ("x" * 2_001, "TOO_LONG"), ("\u0000", "INVALID")):
        assert await alice.refused(APPEAL, id=decision["id"], text=text) == [(code, ["text"])]
    for ids in ({}, {"id": decision["id"], "token": "x"}):
        assert await alice.refused(APPEAL, text="x", **ids) == [("INVALID", ["decisionId"])]
    assert await alice.refused(APPEAL, token="x", text="x") == [("EXPIRED", ["token"])]
    assert codes(await shared_service.ask(APPEAL, {"id": decision["id"], "text": "x"}, None)) == ["UNAUTHENTICATED"]
    unanswered = await moderator.refused(ANSWER, id=decision["id"], isGranted=True, answer="x")
    assert unanswered == [("CONFLICT", ["decisionId"])]
    assert (await moderator.refused(ANSWER, id=decision["id"], isGranted=True, answer=" ")) == [("INVALID", ["answer"])]
    unknown = global_id(NodeType.DECISION, 7)
    assert await moderator.refused(ANSWER, id=unknown, isGranted=True, answer="x") == [("NOT_FOUND", ["decisionId"])]
    await revoke(moderator, decision)
    assert await alice.refused(APPEAL, id=decision["id"], text="x") == [("CONFLICT", ["decisionId"])]


async def test_token_of_the_mail_appeals_without_a_sign_in(shared_service: Service) -> None:
    alice, moderator = await sign_up(shared_service, "alice"), await sign_up_moderator(shared_service)
    decision = await moderate(moderator, alice.id, "SUSPEND", explanation="Bots.")
    address = (await shared_service.stores.mongo.collection("users").find_one({"handle": alice.handle}))["email"]
    token = token_of(await mail_to(shared_service, address, "A decision of the moderators"))

    async def by_token(text: str) -> dict[str, Any]:
        answer = await shared_service.ask(APPEAL, {"token": token, "text": text}, None)
        result: dict[str, Any] = answer["data"]["appeal"]
        return result

    made = await asyncio.gather(*[by_token("I am no bot") for _ in range(5)])
    refused = [one["userErrors"] for one in made if one["decision"] is None]
    assert [(error["code"], error["field"]) for errors in refused for error in errors] == [("CONFLICT", ["token"])] * 4
    assert await waiting(moderator) == [(decision["id"], "I am no bot")]
