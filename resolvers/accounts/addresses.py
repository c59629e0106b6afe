"""E-mail addresses: verification by the token of a mail, and change.

Where addresses must be verified, no answer and no duration tells whether an address belongs to an account: only the
worker that sends the mail looks it up.
"""

from core.errors import RefusalError, UserError, UserErrorCode
from core.text.text import TextError, clean_email
from datastore.credentials.addresses import Change
from datastore.credentials.mail_tokens import MailToken, TokenPurpose
from datastore.credentials.stores import CredentialStores
from datastore.jobs.mails import MailKind
from datastore.users.store import TakenError
from resolvers.accounts.login_throttle import throttled_attempt
from resolvers.accounts.owner_messages import change_of, hand_over, verification_of
from resolvers.accounts.profiles import account_of
from resolvers.accounts.sessions import check_password
from resolvers.enqueue import enqueue_rebuild
from resolvers.identity import Identity
from resolvers.screening import refusal_by_filter
from resolvers.services import Services

_TAKEN = "This address belongs to an account already."


async def verify_email(services: Services, identity: Identity | None, token: str) -> None:
    """Raises RefusalError for a token that serves nothing, or that was sent to somebody else than the viewer."""
    stores = services.stores
    sent = await open_token(services.stores.credentials, TokenPurpose.VERIFY, token)
    if identity is not None and identity.user_id != sent.user_id:
        raise RefusalError.of(UserErrorCode.INVALID, "This link is of another account. Sign out first.", "token")
    try:
        is_done = await stores.credentials.addresses.verify(sent)
    except TakenError:
        raise RefusalError.of(UserErrorCode.TAKEN, _TAKEN, "token") from None
    if not is_done:
        raise _expired()
    await stores.users.sessions.verified(sent.user_id)
    await enqueue_rebuild(stores, sent.user_id)


async def resend_verification(services: Services, identity: Identity) -> None:
    """Raises RefusalError where no address waits for its verification."""
    account = await account_of(services.stores.users, identity)
    if not account.unverified_addresses:
        raise RefusalError.of(UserErrorCode.CONFLICT, "Your address is verified.")
    mails = verification_of(services, identity.user_id, account.unverified_addresses[0])
    if not mails:
        raise no_mail()
    await services.stores.credentials.addresses.ask_again(mails[0])
    await hand_over(services.stores, Change(mails))


async def change_email(services: Services, identity: Identity, email: str, password: str, *, address: str) -> None:
    """The old address is told; the new one counts once it is verified. Raises RefusalError with every wrong field."""
    errors: list[UserError] = []
    try:
        email = clean_email(email)
    except TextError as error:
        errors.append(UserError(UserErrorCode(error.code), error.message, ("email",)))
    try:
        async with throttled_attempt(services, "changeEmail", str(identity.user_id), address):
            await check_password(services, identity, password, "password", address=address)
    except RefusalError as refusal:
        errors += refusal.errors
    if errors:
        raise RefusalError(*errors)
    if await services.screen.of_email(email) is not None:
        raise refusal_by_filter("email")
    await _change(services, identity, email)


async def open_token(credentials: CredentialStores, purpose: TokenPurpose, token: str) -> MailToken:
    """Raises RefusalError INVALID for a token that was never sent for this purpose, EXPIRED for one that has ended."""
    sent = await credentials.mail_tokens.get(purpose, token)
    if sent is None:
        raise RefusalError.of(UserErrorCode.INVALID, "This is no token of a mail for this purpose.", "token")
    if not sent.is_open:
        raise _expired()
    return sent


def no_mail() -> RefusalError:
    return RefusalError.of(UserErrorCode.FORBIDDEN, "This server sends no mail.")


async def _change(services: Services, identity: Identity, email: str) -> None:
    rules, addresses = services.account_rules, services.stores.credentials.addresses
    account = await account_of(services.stores.users, identity)
    if email == account.email and account.is_email_verified:
        raise RefusalError.of(UserErrorCode.INVALID, "This is your address already.", "email")
    if not rules.requires_verification and await addresses.is_taken(email, identity.user_id):
        raise RefusalError.of(UserErrorCode.TAKEN, _TAKEN, "email")
    verification = verification_of(services, identity.user_id, email)
    if not verification:
        raise no_mail()
    told = change_of(services, account, MailKind.EMAIL_CHANGING)
    change = Change((*verification, *told.mails), told.notice)
    await addresses.change(identity.user_id, email, change)
    await hand_over(services.stores, change)


def _expired() -> RefusalError:
    message = "This token has run out, was used, or a newer one was sent. Ask for another."
    return RefusalError.of(UserErrorCode.EXPIRED, message, "token")
