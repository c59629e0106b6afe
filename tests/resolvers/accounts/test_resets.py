"""A new password by the token of a mail."""

import asyncio

import pytest

from tests.resolvers.accounts.test_sessions import CHANGE, is_signed_in, sign_in
from tests.support.mails.mailbox import (
    LOGIN,
    NEW_DEVICE,
    PASSWORD_CHANGED,
    REQUEST_RESET,
    RESET,
    RESETTING,
    VERIFICATION,
    mail_to,
    newcomer,
    refused,
    subjects_to,
    token_of,
)
from tests.support.people import PASSWORD
from tests.support.scenarios.scoped_tokens import scoped
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Mails go to the catcher.
SETTINGS = {"smtp_url": None}

NEW = "staple battery"


async def asked(service: Service, login: str) -> None:
    answer = await service.ask(REQUEST_RESET, {"login": login})
    assert answer == {"data": {"requestPasswordReset": {"accepted": True, "userErrors": []}}}


async def test_reset_sets_the_password_ends_all_sessions_and_signs_in(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alice")
    other = await sign_in(alice)
    await asked(shared_service, f"@{alice.handle.upper()} ")
    token = token_of(await mail_to(shared_service, email, RESETTING))
    payload = (await shared_service.ask(RESET, {"token": token, "new": NEW}))["data"]["resetPassword"]
    assert (payload["userErrors"], payload["viewer"]["user"]["handle"]) == ([], alice.handle)
    assert not await is_signed_in(alice)
    assert not await is_signed_in(other)
    assert (await shared_service.ask("{ viewer { email } }", token=payload["tokens"]["accessToken"]))["data"]["viewer"]
    assert await refused(shared_service, LOGIN, input={"login": email, "password": NEW}) == []
    assert await refused(shared_service, LOGIN, input={"login": email, "password": PASSWORD}) == [
        ("WRONG_CREDENTIALS", ["input"])
    ]
    assert await refused(shared_service, RESET, token=token, new="another battery") == [("EXPIRED", ["token"])]
    assert await subjects_to(shared_service, email) == [VERIFICATION, NEW_DEVICE, RESETTING, PASSWORD_CHANGED]


async def test_reset_revokes_scoped_tokens_and_a_change_leaves_them(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alice")
    program = await scoped(alice, "READ")
    await alice.act(CHANGE, current=PASSWORD, new=NEW)
    me = "{ viewer { user { handle } } }"
    assert (await shared_service.ask(me, token=program.token))["data"]["viewer"]
    await asked(shared_service, email)
    token = token_of(await mail_to(shared_service, email, RESETTING))
    assert await refused(shared_service, RESET, token=token, new="another battery") == []
    assert (await shared_service.ask(me, token=program.token))["data"]["viewer"] is None


async def test_reset_lets_nobody_in_who_waits_for_approval(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alice")
    users = shared_service.stores.mongo.collection("users")
    await users.update_one({"handle": alice.handle}, {"$set": {"waits": True}})
    await asked(shared_service, email)
    token = token_of(await mail_to(shared_service, email, RESETTING))
    payload = (await shared_service.ask(RESET, {"token": token, "new": NEW}))["data"]["resetPassword"]
    assert payload == {"tokens": None, "viewer": None, "userErrors": []}
    assert await refused(shared_service, LOGIN, input={"login": email, "password": NEW}) == [("FORBIDDEN", ["input"])]


async def test_refused_password_leaves_the_token_as_it_was(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alicealice")
    await asked(shared_service, email)
    token = token_of(await mail_to(shared_service, email, RESETTING))
    before = await shared_service.fingerprint()
    for new, code in (
        ("7 chars", "INVALID"),
        (" " * 8, "INVALID"),
        ("\u3000" * 8, "INVALID"),
        ("p" * 129, "TOO_LONG"),
        ("nul\0nul\0", "INVALID"),
        ("Password1", "INVALID"),
        ("ｐａｓｓｗｏｒｄ１", "INVALID"),
        (email.upper(), "INVALID"),
        (alice.handle, "INVALID"),
    ):
        assert await refused(shared_service, RESET, token=token, new=new) == [(code, ["new"])], new
    assert await shared_service.fingerprint() == before
    assert await refused(shared_service, RESET, token=token, new=NEW) == []


async def test_unknown_login_is_answered_alike_and_gets_no_mail(shared_service: Service) -> None:
    await shared_service.settle()
    mails = shared_service.stores.mongo.collection("caught_mails")
    before = await mails.count_documents({})
    for login in ("nobody_at_all", "nobody@example.org", "", "@", "\0", "x" * 5_000, "@" * 5_000, "é", "a b@c"):
        await asked(shared_service, login)
    await shared_service.settle()
    assert await mails.count_documents({}) == before


async def test_newer_request_ends_the_older_token(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alice")
    await asked(shared_service, email)
    first = token_of(await mail_to(shared_service, email, RESETTING))
    await asked(shared_service, alice.handle)
    second = token_of(await mail_to(shared_service, email, RESETTING, 1))
    assert await refused(shared_service, RESET, token=first, new=NEW) == [("EXPIRED", ["token"])]
    assert await refused(shared_service, RESET, token=second, new=NEW) == []


async def test_token_used_ten_times_at_once_serves_once(shared_service: Service) -> None:
    _, email = await newcomer(shared_service, "alice")
    await asked(shared_service, email)
    token = token_of(await mail_to(shared_service, email, RESETTING))
    answers = await asyncio.gather(*[refused(shared_service, RESET, token=token, new=f"{NEW} {n}") for n in range(10)])
    assert sorted(answers) == [[], *[[("EXPIRED", ["token"])]] * 9]
    assert (await subjects_to(shared_service, email)).count(PASSWORD_CHANGED) == 1


async def test_a_password_is_the_same_one_in_another_form_of_unicode(shared_service: Service) -> None:
    composed, decomposed = "pässwörter sind", "pa\u0308sswo\u0308rter sind"
    alice, _ = await newcomer(shared_service, "alice", password=decomposed)
    for typed in (composed, decomposed, "pässwörter\u00a0sind"):
        assert await refused(shared_service, LOGIN, input={"login": alice.handle, "password": typed}) == []
