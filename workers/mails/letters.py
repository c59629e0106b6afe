"""Letters: decides to whom a mail of the outbox goes and what it says, as of the moment when it leaves.

A request never tells by its time or its answer whether an address is known, since only this worker looks it up.
"""

import secrets
from typing import Final

from core.base64url import to_base64url
from core.ids import time_of
from core.text.text import email_key
from datastore.credentials.mail_tokens import MailToken, TokenPurpose
from datastore.jobs.mails import MailKind, MailRecord
from datastore.records.users import AccountRecord
from datastore.stores import Stores
from workers.mails.decisions import letter_of_decision
from workers.mails.messages import Letter

_TOKEN_BYTES: Final = 32


async def letter_of(stores: Stores, mail: MailRecord) -> Letter | None:
    """None for a mail that nobody is to get any more."""
    match mail.kind:
        case MailKind.VERIFY:
            return await _verification(stores, mail)
        case MailKind.RESET:
            return await _reset(stores, mail)
        case MailKind.DECISION | MailKind.DECISION_REVOKED | MailKind.APPEAL_ANSWERED:
            return await letter_of_decision(stores, mail)
        case _:
            return Letter(mail.id, mail.kind, mail.to, mail.words, time_of(mail.id))


async def _verification(stores: Stores, mail: MailRecord) -> Letter | None:
    """The owner of an address that somebody else gave hears of it, and gets no token."""
    account = await stores.users.accounts.get_account(mail.user_id)
    if account is None or mail.to not in account.unverified_addresses:
        return None
    owner = await _owner_of(stores, mail.to)
    if owner is not None and owner.user.id != mail.user_id:
        return _letter(mail, owner, MailKind.ADDRESS_IN_USE, mail.to)
    return await _with_token(stores, mail, TokenPurpose.VERIFY, (account, mail.to))


async def _reset(stores: Stores, mail: MailRecord) -> Letter | None:
    """An account that gave the address of somebody else, and never verified it, gets none."""
    account = await stores.users.accounts.account_by_login(mail.words["login"])
    if account is None:
        return None
    owner = await _owner_of(stores, account.email)
    if owner is not None and owner.user.id != account.user.id:
        return None
    return await _with_token(stores, mail, TokenPurpose.RESET, (account, account.email))


async def _owner_of(stores: Stores, email: str) -> AccountRecord | None:
    return await stores.users.accounts.account_by_login(email_key(email))


async def _with_token(
    stores: Stores, mail: MailRecord, purpose: TokenPurpose, recipient: tuple[AccountRecord, str]
) -> Letter:
    account, to = recipient
    token = to_base64url(secrets.token_bytes(_TOKEN_BYTES))
    await stores.credentials.mail_tokens.insert(purpose, token, MailToken(account.user.id, to, mail.id, is_open=True))
    return _letter(mail, account, mail.kind, to, token)


def _letter(mail: MailRecord, account: AccountRecord, kind: MailKind, to: str, token: str | None = None) -> Letter:
    words = {**mail.words, "handle": account.user.handle}
    return Letter(mail.id, kind, to, words, time_of(mail.id), token)
