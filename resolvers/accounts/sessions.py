"""Login, logout and sessions. A failed login takes the same time and gives one error for all causes."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from core.auth.password_rules import clean_new_password
from core.devices import Device
from core.errors import RefusalError, UnauthenticatedError, UserError, UserErrorCode
from core.ids import SessionId, UserId
from core.text.text import TextError, clean_email, email_key, typed_handle_key
from datastore.auth.session_records import SessionRecord
from datastore.cache.pending_read import resolve_reads
from datastore.jobs.mails import MailKind
from datastore.moderation.stores import ModerationStores
from datastore.mongo.existence import GoneError
from datastore.records.users import AccountRecord
from datastore.users.stores import UserStores
from resolvers.accounts.devices import known_device_of, note_device
from resolvers.accounts.login_throttle import throttled_attempt
from resolvers.accounts.owner_messages import change_of, hand_over
from resolvers.identity import Identity
from resolvers.passwords import Purpose
from resolvers.services import Services


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session's tokens, for its owner only."""

    identity: Identity
    access_token: str
    refresh_token: str


class SessionCheck:
    """The lookup of a valid access token's session. `claimed` is the identity if that session exists.

    `began`: when it was sent (by `time.monotonic`). Its answer confirms rows in memory as of then.
    """

    def __init__(self, services: Services, access_token: str) -> None:
        """Begins the lookup. Raises UnauthenticatedError for an invalid token."""
        claims = services.access_tokens.check(access_token)
        self.claimed = Identity(claims.user_id, claims.session_id, claims.expires_at)
        self.began = time.monotonic()
        self._session = services.stores.users.sessions.begin_read(claims.session_id, self.began)

    @property
    def is_cached(self) -> bool:
        """Whether the session is in the local cache: it existed a few seconds ago."""
        return self._session.is_local

    async def identity(self) -> Identity:
        """Raises UnauthenticatedError if the session has ended."""
        await resolve_reads(self._session)
        session = self._session.found.get(self.claimed.session_id)
        if session is None or session.user_id != self.claimed.user_id:
            raise UnauthenticatedError("This session has ended. Sign in again.")
        return replace(self.claimed, is_verified=False) if session.is_unverified else self.claimed


async def is_verified(users: UserStores, identity: Identity) -> bool:
    """As of now, although a socket's identity is of the moment when it was opened."""
    session = await users.sessions.get(identity.session_id)
    return session is not None and not session.is_unverified


async def login(services: Services, login_name: str, password: str, *, device: Device, address: str) -> SignedIn:
    """Raises RefusalError WRONG_CREDENTIALS, the same for an unknown login and a wrong password.

    Raises RateLimitedError after too many of them.
    """
    key, check = login_key(login_name), services.passwords.verify
    account = await services.stores.users.accounts.account_by_login(key)
    known_device = await known_device_of(services.stores.credentials, account, device)
    async with throttled_attempt(services, "login", key, address, known_device=known_device):
        account = await _with_password(services, key, account, lambda known: check(known, password, address=address))
        if account is None:
            raise _wrong_login()
    try:
        signed_in = await open_session(services, account, device)
    except GoneError:  # the password was changed, or the account deleted, while it was checked
        raise _wrong_login() from None
    await note_device(services, account, device, address=address)
    return signed_in


async def _with_password(
    services: Services, key: str, account: AccountRecord | None, verify: Callable[[str | None], Awaitable[bool]]
) -> AccountRecord | None:
    """The account whose password it is. A sign-up that waits for its verification is found by its address, too."""
    if services.account_rules.requires_verification:
        hidden = await services.stores.users.accounts.hidden_by_email(key)
        if hidden is not None and await verify(hidden.password_hash):
            return hidden
    return account if await verify(None if account is None else account.password_hash) else None


async def refresh_tokens(services: Services, refresh_token: str) -> SignedIn:
    """New tokens. A token used again gets the same ones within 10 s of its first use; later it ends its session."""
    sessions = services.stores.users.sessions
    claims = services.refresh_tokens.check(refresh_token)
    if claims is None:
        raise _wrong_refresh_token()
    used_at = await sessions.rotate(claims.session_id, claims.generation)
    if used_at is None:
        await sessions.delete(claims.session_id)
        raise _wrong_refresh_token()
    session = await sessions.get(claims.session_id)
    if session is None:
        raise _wrong_refresh_token()
    return _tokens(services, session.user_id, claims.session_id, claims.generation + 1, used_at)


async def logout(users: UserStores, identity: Identity, session_id: SessionId | None) -> SessionId:
    """Ends a session of the viewer, by default the current one."""
    ended = identity.session_id if session_id is None else session_id
    session = await users.sessions.get(ended)
    if session is None or session.user_id != identity.user_id:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "You have no such session.", "sessionId")
    await users.sessions.delete(ended)
    return ended


async def change_password(services: Services, identity: Identity, current: str, new: str, *, address: str) -> None:
    """Ends all other sessions. Raises RateLimitedError after too many wrong passwords."""
    account = await services.stores.users.accounts.get_account(identity.user_id)
    if account is None:
        raise UnauthenticatedError("This account is gone.")
    errors = _password_errors(new, account)
    try:
        async with throttled_attempt(services, "changePassword", str(identity.user_id), address):
            account = await check_password(services, identity, current, "current", address=address)
    except RefusalError as refusal:
        errors += refusal.errors
    if errors:
        raise RefusalError(*errors)
    change = change_of(services, account, MailKind.PASSWORD_CHANGED)
    password_hash = await services.passwords.hash(new, Purpose.SIGN_IN, address=address)
    if not await services.stores.credentials.passwords.change(
        identity.user_id,
        password_hash,
        identity.session_id,
        change,
        sign_in_generation=account.sign_in_generation,
    ):  # another change at this moment
        raise _wrong_password("current")
    await hand_over(services.stores, change)


async def check_password(
    services: Services, identity: Identity, password: str, *field: str, address: str
) -> AccountRecord:
    """The account whose password it is. Raises RefusalError WRONG_CREDENTIALS, naming the field by its path."""
    account = await services.stores.users.accounts.get_account(identity.user_id)
    if account is None or not await services.passwords.verify(account.password_hash, password, address=address):
        raise _wrong_password(*field)
    return account


async def list_sessions(users: UserStores, identity: Identity) -> list[SessionRecord]:
    """The viewer's own, most recently used first."""
    return await users.sessions.of_user(identity.user_id)


def login_key(login_name: str) -> str:
    """The key under which handle or address are stored. A text that is neither matches nothing."""
    try:
        return email_key(clean_email(login_name))
    except TextError:
        return typed_handle_key(login_name)


async def open_session(services: Services, account: AccountRecord, device: Device) -> SignedIn:
    """For somebody whose password, or token of a mail, was right.

    Raises RefusalError FORBIDDEN for who waits or is suspended, GoneError if the password was changed since the account
    was read, or the account is gone.
    """
    if account.waits:
        raise RefusalError.of(UserErrorCode.FORBIDDEN, "This account waits for approval.", "input")
    if account.suspended_by is not None:
        raise await _suspended(services.stores.moderation, account.suspended_by)
    session_id, user_id, sessions = SessionId(services.stores.ids()), account.user.id, services.stores.users.sessions
    await sessions.insert(
        session_id,
        user_id,
        device,
        is_unverified=not account.is_email_verified,
        sign_in_generation=account.sign_in_generation,
    )
    if not account.is_email_verified:
        current = await services.stores.users.accounts.get_account(user_id)
        if current is not None and current.is_email_verified:  # verified beside this sign-in
            await sessions.verified(user_id)
    await sessions.delete_oldest(user_id)
    return _tokens(services, user_id, session_id, 0)


def _tokens(
    services: Services, user_id: UserId, session_id: SessionId, generation: int, issued_at: datetime | None = None
) -> SignedIn:
    """Equal for equal arguments; `issued_at` is now by default."""
    access_token, expires_at = services.access_tokens.issue(user_id, session_id, issued_at)
    identity = Identity(user_id, session_id, expires_at)
    return SignedIn(identity, access_token, services.refresh_tokens.issue(session_id, generation))


def _password_errors(new: str, account: AccountRecord) -> list[UserError]:
    try:
        clean_new_password(new, account.user.handle, account.email)
    except TextError as error:
        return [UserError(UserErrorCode(error.code), error.message, ("new",))]
    return []


async def _suspended(moderation: ModerationStores, decision_id: int) -> RefusalError:
    decision = await moderation.decisions.get(decision_id)
    explanation = None if decision is None else decision.explanation
    told = f"This account is suspended: {explanation}" if explanation else "This account is suspended."
    return RefusalError.of(UserErrorCode.FORBIDDEN, told, "input")


def _wrong_login() -> RefusalError:
    return RefusalError.of(UserErrorCode.WRONG_CREDENTIALS, "Login or password is wrong.", "input")


def _wrong_password(*field: str) -> RefusalError:
    return RefusalError.of(UserErrorCode.WRONG_CREDENTIALS, "The password is wrong.", *field)


def _wrong_refresh_token() -> RefusalError:
    return RefusalError.of(
        UserErrorCode.WRONG_CREDENTIALS, "This refresh token is not valid any more. Sign in again.", "refreshToken"
    )
