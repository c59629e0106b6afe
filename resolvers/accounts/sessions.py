"""Registration, login, logout and sessions. A failed login takes the same time and gives one error for all causes."""

import time
from dataclasses import dataclass
from datetime import date, datetime

from core.devices import UNKNOWN_DEVICE, Device
from core.errors import RefusalError, UnauthenticatedError, UserError, UserErrorCode
from core.ids import SessionId, UserId
from core.text.text import TextError, clean_email, clean_handle, clean_name, clean_password, email_key, typed_handle_key
from datastore.cache.rows import resolve_reads
from datastore.records.users import AccountRecord, UserRecord
from datastore.users.sessions import SessionRecord
from datastore.users.store import TakenError
from resolvers.accounts.login_throttle import throttled_attempt
from resolvers.enqueue import enqueue_rebuild
from resolvers.identity import Identity
from resolvers.input_errors import InputErrors
from resolvers.passwords import Purpose
from resolvers.rate_limit import ensure_counting
from resolvers.services import Services

_TAKEN = {"handle": "This handle is taken.", "email": "This address belongs to an account already."}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session's tokens, for its owner only."""

    identity: Identity
    access_token: str
    refresh_token: str


@dataclass(frozen=True, slots=True)
class Registration:
    handle: str
    name: str
    email: str
    password: str
    date_of_birth: date | None = None
    device: Device = UNKNOWN_DEVICE


class SessionCheck:
    """The lookup of a valid access token's session. `claimed` is the identity if that session exists."""

    def __init__(self, services: Services, access_token: str) -> None:
        """Begins the lookup. Raises UnauthenticatedError for an invalid token."""
        claims = services.access_tokens.check(access_token)
        self.claimed = Identity(claims.user_id, claims.session_id, claims.expires_at)
        self._session = services.stores.users.sessions.begin_read(claims.session_id, time.monotonic())

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
        return self.claimed


async def register(services: Services, wanted: Registration, *, address: str) -> SignedIn:
    """Raises RefusalError with every invalid field, UnavailableError while Redis can't count sign-ups."""
    await ensure_counting(services)
    errors = InputErrors()
    handle = errors.clean("handle", clean_handle, wanted.handle)
    name = errors.clean("name", clean_name, wanted.name)
    email = errors.clean("email", clean_email, wanted.email)
    errors.clean("password", clean_password, wanted.password)
    errors.check_birth_date("dateOfBirth", wanted.date_of_birth)
    for field in await services.stores.users.accounts.in_use(handle, email):
        errors.add(field, UserErrorCode.TAKEN, _TAKEN[field])
    errors.raise_if_any()
    user = UserRecord(UserId(services.stores.ids()), handle, name)
    password_hash = await services.passwords.hash(wanted.password, Purpose.SIGN_UP, address=address)
    try:
        await services.stores.users.accounts.insert(AccountRecord(user, email, password_hash, wanted.date_of_birth))
    except TakenError as taken:
        raise RefusalError(UserError(UserErrorCode.TAKEN, _TAKEN[taken.field], ("input", taken.field))) from None
    await enqueue_rebuild(services.stores, user.id)
    return await _open_session(services, user.id, wanted.device)


async def login(services: Services, login_name: str, password: str, *, device: Device, address: str) -> SignedIn:
    """Raises RefusalError WRONG_CREDENTIALS, the same for an unknown login and a wrong password.

    Raises RateLimitedError after too many of them.
    """
    login_key = _login_key(login_name)
    account = await services.stores.users.accounts.account_by_login(login_key)
    known_as = login_key if account is None else str(account.user.id)
    async with throttled_attempt(services, "login", known_as, address):
        password_hash = None if account is None else account.password_hash
        if not await services.passwords.verify(password_hash, password, address=address) or account is None:
            raise RefusalError.of(UserErrorCode.WRONG_CREDENTIALS, "Login or password is wrong.", "input")
    return await _open_session(services, account.user.id, device)


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


async def logout(services: Services, identity: Identity, session_id: SessionId | None) -> SessionId:
    """Ends a session of the viewer, by default the current one."""
    ended = identity.session_id if session_id is None else session_id
    session = await services.stores.users.sessions.get(ended)
    if session is None or session.user_id != identity.user_id:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "You have no such session.", "sessionId")
    await services.stores.users.sessions.delete(ended)
    return ended


async def change_password(services: Services, identity: Identity, current: str, new: str, *, address: str) -> None:
    """Ends all other sessions. Raises RateLimitedError after too many wrong passwords."""
    errors = _password_errors(new)
    try:
        async with throttled_attempt(services, "changePassword", str(identity.user_id), address):
            await check_password(services, identity, current, "current", address=address)
    except RefusalError as refusal:
        errors += refusal.errors
    if errors:
        raise RefusalError(*errors)
    password_hash = await services.passwords.hash(new, Purpose.SIGN_IN, address=address)
    await services.stores.users.accounts.set_password(identity.user_id, password_hash)
    others = [session.id for session in await list_sessions(services, identity) if session.id != identity.session_id]
    if others:
        await services.stores.users.sessions.delete(*others)


async def check_password(services: Services, identity: Identity, password: str, *field: str, address: str) -> None:
    """Raises RefusalError WRONG_CREDENTIALS, naming the field by its path."""
    account = await services.stores.users.accounts.get_account(identity.user_id)
    if account is None or not await services.passwords.verify(account.password_hash, password, address=address):
        raise RefusalError.of(UserErrorCode.WRONG_CREDENTIALS, "The password is wrong.", *field)


async def list_sessions(services: Services, identity: Identity) -> list[SessionRecord]:
    """The viewer's own, most recently used first."""
    return await services.stores.users.sessions.of_user(identity.user_id)


async def _open_session(services: Services, user_id: UserId, device: Device) -> SignedIn:
    session_id = SessionId(services.stores.ids())
    await services.stores.users.sessions.insert(session_id, user_id, device)
    await services.stores.users.sessions.delete_oldest(user_id)
    return _tokens(services, user_id, session_id, 0)


def _tokens(
    services: Services, user_id: UserId, session_id: SessionId, generation: int, issued_at: datetime | None = None
) -> SignedIn:
    """Equal for equal arguments; `issued_at` is now by default."""
    access_token, expires_at = services.access_tokens.issue(user_id, session_id, issued_at)
    identity = Identity(user_id, session_id, expires_at)
    return SignedIn(identity, access_token, services.refresh_tokens.issue(session_id, generation))


def _login_key(login_name: str) -> str:
    """The key under which handle or address are stored. A text that is neither matches nothing."""
    try:
        return email_key(clean_email(login_name))
    except TextError:
        return typed_handle_key(login_name)


def _password_errors(new: str) -> list[UserError]:
    try:
        clean_password(new)
    except TextError as error:
        return [UserError(UserErrorCode(error.code), error.message, ("new",))]
    return []


def _wrong_refresh_token() -> RefusalError:
    return RefusalError.of(
        UserErrorCode.WRONG_CREDENTIALS, "This refresh token is not valid any more. Sign in again.", "refreshToken"
    )
