"""A new password for whoever lost theirs, by the token of a mail.

The answer to a request is the same for everybody, and so is its work: the worker that sends the mail looks the account
up.
"""

from msgspec import structs

from core.auth.password_rules import clean_new_password
from core.devices import UNKNOWN_DEVICE
from core.errors import RefusalError, UserError, UserErrorCode
from core.text.text import TextError
from datastore.credentials.addresses import Change
from datastore.credentials.mail_tokens import TokenPurpose
from datastore.jobs.mails import MailKind, MailRecord
from datastore.mongo.existence import GoneError
from resolvers.accounts.addresses import no_mail, open_token
from resolvers.accounts.devices import device_name
from resolvers.accounts.owner_messages import change_of, hand_over
from resolvers.accounts.sessions import SignedIn, login_key, open_session
from resolvers.passwords import Purpose
from resolvers.services import Services

_LONGEST_LOGIN = 254


async def request_password_reset(services: Services, login: str) -> None:
    """Raises RefusalError where this server sends no mail."""
    if not services.account_rules.is_mail_on:
        raise no_mail()
    stores = services.stores
    mail = MailRecord(stores.ids(), MailKind.RESET, words={"login": _key(login)} | services.served_at.words)
    await stores.jobs.outbox.mails.add(None, mail)
    await hand_over(services.stores, Change((mail,)))


async def reset_password(services: Services, token: str, new: str, *, address: str) -> SignedIn | None:
    """Ends all sessions, and opens one; None for who waits for approval, or is suspended.

    Raises RefusalError with every wrong field; then the token still serves.
    """
    sent = await open_token(services.stores.credentials, TokenPurpose.RESET, token)
    stores = services.stores
    account = await stores.users.accounts.get_account(sent.user_id)
    if account is None:
        raise RefusalError.of(UserErrorCode.EXPIRED, "This account is gone.", "token")
    try:
        clean_new_password(new, account.user.handle, account.email)
    except TextError as error:
        raise RefusalError(UserError(UserErrorCode(error.code), error.message, ("new",))) from None
    change = change_of(services, account, MailKind.PASSWORD_CHANGED)
    password_hash = await services.passwords.hash(new, Purpose.SIGN_IN, address=address)
    generation = account.sign_in_generation
    if not await stores.credentials.passwords.reset(sent, password_hash, change, sign_in_generation=generation):
        raise _used()
    await hand_over(services.stores, change)
    await stores.credentials.devices.note(account.user.id, device_name(UNKNOWN_DEVICE, address), Change())
    if account.waits or account.suspended_by is not None:
        return None
    try:
        return await open_session(services, structs.replace(account, sign_in_generation=generation + 1), UNKNOWN_DEVICE)
    except GoneError:  # by another change at this moment
        raise _used() from None


def _used() -> RefusalError:
    return RefusalError.of(UserErrorCode.EXPIRED, "This token was used. Ask for another.", "token")


def _key(login: str) -> str:
    """The key of an account, or a text that is none; in either case one that can be stored."""
    return login_key(login[: _LONGEST_LOGIN + 1]).encode(errors="replace").decode()
