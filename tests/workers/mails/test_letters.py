"""Letters: to whom a mail with a token goes, as of the moment when it leaves."""

import pytest

from core.ids import UserId, time_of
from datastore.credentials.mail_tokens import MailToken, TokenPurpose
from datastore.jobs.mails import MailKind, MailRecord
from datastore.records.users import AccountRecord, UserRecord
from datastore.stores import Stores
from workers.mails.letters import letter_of

ADDRESS = "alice@example.org"


async def account(stores: Stores, handle: str, *, is_verified: bool, email: str = ADDRESS) -> UserId:
    """A sign-up that did not verify its address is hidden, and may have the address of somebody."""
    user = UserRecord(UserId(stores.ids()), handle, handle)
    made = AccountRecord(user, email, "hash", is_email_verified=is_verified, is_hidden=not is_verified)
    await stores.users.accounts.insert(made)
    return user.id


async def test_who_gave_a_free_address_gets_a_token_for_it(opened: Stores) -> None:
    alice = await account(opened, "alice", is_verified=False)
    mail = MailRecord(opened.ids(), MailKind.VERIFY, alice, ADDRESS)
    letter = await letter_of(opened, mail)
    assert letter is not None
    assert (letter.id, letter.kind, letter.to, letter.words) == (mail.id, MailKind.VERIFY, ADDRESS, {"handle": "alice"})
    assert letter.at == time_of(mail.id)
    assert letter.token is not None
    assert await opened.credentials.mail_tokens.get(TokenPurpose.VERIFY, letter.token) == MailToken(
        alice, ADDRESS, mail.id, is_open=True
    )
    assert await opened.credentials.mail_tokens.get(TokenPurpose.RESET, letter.token) is None


async def test_the_owner_of_an_address_that_another_gave_is_told_and_nobody_gets_a_token(opened: Stores) -> None:
    await account(opened, "alice", is_verified=True)
    mallory = await account(opened, "mallory", is_verified=False)
    letter = await letter_of(opened, MailRecord(opened.ids(), MailKind.VERIFY, mallory, ADDRESS))
    assert letter is not None
    assert (letter.kind, letter.to, letter.words) == (MailKind.ADDRESS_IN_USE, ADDRESS, {"handle": "alice"})
    assert letter.token is None


@pytest.mark.parametrize("login", [ADDRESS, "alice"])
async def test_a_reset_goes_to_the_address_of_the_account(opened: Stores, login: str) -> None:
    alice = await account(opened, "alice", is_verified=True)
    mail = MailRecord(opened.ids(), MailKind.RESET, words={"login": login})
    letter = await letter_of(opened, mail)
    assert letter is not None
    assert (letter.kind, letter.to, letter.words) == (MailKind.RESET, ADDRESS, {"login": login, "handle": "alice"})
    assert letter.token is not None
    assert await opened.credentials.mail_tokens.get(TokenPurpose.RESET, letter.token) == MailToken(
        alice, ADDRESS, mail.id, is_open=True
    )


async def test_a_mail_that_nobody_is_to_get_any_more_has_no_letter(opened: Stores) -> None:
    alice = await account(opened, "alice", is_verified=True)
    await account(opened, "mallory", is_verified=False)
    for mail in (
        MailRecord(opened.ids(), MailKind.VERIFY, UserId(1), ADDRESS),
        MailRecord(opened.ids(), MailKind.VERIFY, alice, ADDRESS),
        MailRecord(opened.ids(), MailKind.RESET, words={"login": "nobody"}),
        MailRecord(opened.ids(), MailKind.RESET, words={"login": "mallory"}),
    ):
        assert await letter_of(opened, mail) is None


async def test_a_mail_with_its_address_goes_there_as_it_is(opened: Stores) -> None:
    mail = MailRecord(opened.ids(), MailKind.PASSWORD_CHANGED, UserId(1), ADDRESS, {"handle": "alice"})
    letter = await letter_of(opened, mail)
    assert letter is not None
    assert (letter.kind, letter.to, letter.words, letter.token) == (mail.kind, ADDRESS, mail.words, None)
