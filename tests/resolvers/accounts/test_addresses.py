"""E-mail addresses: verification, and change."""

import pytest

from tests.support.mails.mailbox import (
    CHANGE_EMAIL,
    EMAIL_CHANGING,
    RESEND,
    RESET,
    VERIFICATION,
    VERIFY,
    mail_to,
    newcomer,
    refused,
    subjects_to,
    token_of,
)
from tests.support.people import PASSWORD, REGISTER, registration, unused_handle
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Mails go to the catcher.
SETTINGS = {"smtp_url": None}

ME = "{ viewer { email isEmailVerified pendingEmail } }"


async def test_address_is_verified_by_the_token_of_the_mail_once(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alice")
    assert (await alice.ask(ME))["viewer"] == {"email": email, "isEmailVerified": False, "pendingEmail": None}
    mail = await mail_to(shared_service, email, VERIFICATION)
    assert f"@{alice.handle}" in mail["text"]
    assert f"@{alice.handle}" in mail["html"]
    token = token_of(mail)
    # Without a sign-in, as in another browser.
    answer = await shared_service.ask(VERIFY, {"token": token})
    assert answer == {"data": {"verifyEmail": {"viewer": None, "userErrors": []}}}
    assert (await alice.ask(ME))["viewer"] == {"email": email, "isEmailVerified": True, "pendingEmail": None}
    assert await alice.refused(VERIFY, token=token) == [("EXPIRED", ["token"])]
    assert await alice.refused(RESEND) == [("CONFLICT", [])]
    assert await subjects_to(shared_service, email) == [VERIFICATION]


async def test_newer_mail_ends_the_token_of_the_older_one(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alice")
    first = token_of(await mail_to(shared_service, email, VERIFICATION))
    await alice.act(RESEND)
    second = token_of(await mail_to(shared_service, email, VERIFICATION, 1))
    assert await alice.refused(VERIFY, token=first) == [("EXPIRED", ["token"])]
    assert (await alice.act(VERIFY, token=second))["viewer"]["isEmailVerified"]


async def test_wrong_tokens_change_nothing(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alice")
    bob, _ = await newcomer(shared_service, "bob")
    token = token_of(await mail_to(shared_service, email, VERIFICATION))
    before = await shared_service.fingerprint()
    wrong = ["", " ", token[:-1], token[1:], token + "x", token.swapcase(), "\0", "é" * 43, "x" * 5_000, token + "="]
    for typed in wrong:
        assert await alice.refused(VERIFY, token=typed) == [("INVALID", ["token"])]
        assert await refused(shared_service, RESET, token=typed, new="staple battery") == [("INVALID", ["token"])]
    assert await refused(shared_service, RESET, token=token, new="staple battery") == [("INVALID", ["token"])]
    assert await bob.refused(VERIFY, token=token) == [("INVALID", ["token"])]
    assert await shared_service.fingerprint() == before
    await alice.act(VERIFY, token=token)


async def test_token_that_ran_out_is_expired(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alice")
    token = token_of(await mail_to(shared_service, email, VERIFICATION))
    rows = shared_service.stores.mongo.collection("mail_tokens")
    row = await rows.find_one({"tokens.email": email})
    (entry,) = row["tokens"]
    # 24 hours from the mail on, and neither the token nor its mail stands in the database.
    assert 86_390 < (entry["expires_at"] - row["kept_until"]).total_seconds() + 30 * 86_400 <= 86_400
    assert token not in repr(row)
    await rows.update_one({"_id": row["_id"]}, {"$set": {"tokens.0.expires_at": row["kept_until"].replace(year=2020)}})
    assert await alice.refused(VERIFY, token=token) == [("EXPIRED", ["token"])]
    assert not (await alice.ask(ME))["viewer"]["isEmailVerified"]


async def test_new_address_counts_once_it_is_verified_and_the_old_one_is_told(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alice")
    await alice.act(VERIFY, token=token_of(await mail_to(shared_service, email, VERIFICATION)))
    new = f"{unused_handle('moved')}@example.org"
    changed = (await alice.act(CHANGE_EMAIL, email=f" {new} ", password=PASSWORD))["viewer"]
    assert changed == {"email": email, "isEmailVerified": True, "pendingEmail": new}
    told = await mail_to(shared_service, email, EMAIL_CHANGING)
    assert new not in told["text"]
    token = token_of(await mail_to(shared_service, new, VERIFICATION))
    verified = (await alice.act(VERIFY, token=token))["viewer"]
    assert verified == {"email": new, "isEmailVerified": True, "pendingEmail": None}
    assert await refused(shared_service, REGISTER, input=registration(email=email)) == []
    assert await refused(shared_service, REGISTER, input=registration(email=new)) == [("TAKEN", ["input", "email"])]
    assert await subjects_to(shared_service, new) == [VERIFICATION]


async def test_older_choice_of_an_address_serves_no_more(shared_service: Service) -> None:
    alice, _ = await newcomer(shared_service, "alice")
    one, other = (f"{unused_handle('moved')}@example.org" for _ in range(2))
    await alice.act(CHANGE_EMAIL, email=one, password=PASSWORD)
    first = token_of(await mail_to(shared_service, one, VERIFICATION))
    await alice.act(CHANGE_EMAIL, email=other, password=PASSWORD)
    second = token_of(await mail_to(shared_service, other, VERIFICATION))
    assert await alice.refused(VERIFY, token=first) == [("EXPIRED", ["token"])]
    assert (await alice.act(VERIFY, token=second))["viewer"]["email"] == other


async def test_address_that_somebody_took_meanwhile_is_taken(shared_service: Service) -> None:
    alice, _ = await newcomer(shared_service, "alice")
    wanted = f"{unused_handle('moved')}@example.org"
    await alice.act(CHANGE_EMAIL, email=wanted, password=PASSWORD)
    token = token_of(await mail_to(shared_service, wanted, VERIFICATION))
    await newcomer(shared_service, "bob", email=wanted.upper())
    assert await alice.refused(VERIFY, token=token) == [("TAKEN", ["token"])]
    assert (await alice.ask(ME))["viewer"]["pendingEmail"] == wanted


async def test_refused_change_of_address_changes_nothing(shared_service: Service) -> None:
    alice, email = await newcomer(shared_service, "alice")
    _, taken = await newcomer(shared_service, "bob")
    await alice.act(VERIFY, token=token_of(await mail_to(shared_service, email, VERIFICATION)))
    before = await shared_service.fingerprint()
    new = f"{unused_handle('moved')}@example.org"
    for typed, password, errors in (
        ("nobody", PASSWORD, [("INVALID", ["email"])]),
        ('"a b"@example.org', PASSWORD, [("INVALID", ["email"])]),
        ("a@ex\u200bample.org", PASSWORD, [("INVALID", ["email"])]),
        ("a@xn--.org", PASSWORD, [("INVALID", ["email"])]),
        ("a@example.org\nBcc: b@example.org", PASSWORD, [("INVALID", ["email"])]),
        ("=?utf-8?q?a=0ABcc=3Ab=40c.org?=@example.org", PASSWORD, [("INVALID", ["email"])]),
        ("a" * 250 + "@example.org", PASSWORD, [("TOO_LONG", ["email"])]),
        (taken.upper(), PASSWORD, [("TAKEN", ["email"])]),
        (email, PASSWORD, [("INVALID", ["email"])]),
        (new, "wrong horse", [("WRONG_CREDENTIALS", ["password"])]),
        ("nobody", "wrong horse", [("INVALID", ["email"]), ("WRONG_CREDENTIALS", ["password"])]),
    ):
        assert await alice.refused(CHANGE_EMAIL, email=typed, password=password) == errors
    assert await shared_service.fingerprint() == before


async def test_mail_reaches_an_address_with_letters_outside_ascii(shared_service: Service) -> None:
    domain = f"{unused_handle('x').replace('_', '-')}-bücher.example"
    for local in ("alice", "älice"):
        person, email = await newcomer(shared_service, "alice", email=f"{local}@{domain}")
        seen = f"{local}@{domain.encode('idna').decode()}"
        await person.act(VERIFY, token=token_of(await mail_to(shared_service, seen, VERIFICATION)))
        assert (await person.ask(ME))["viewer"]["email"] == email


async def test_name_of_a_stranger_is_in_no_mail(shared_service: Service) -> None:
    _, email = await newcomer(shared_service, "mallory", name="Prize =?utf-8?q?x=0A?= http://evil.example")
    mail = await mail_to(shared_service, email, VERIFICATION)
    assert "evil" not in mail["text"] + mail["html"] + mail["subject"]
