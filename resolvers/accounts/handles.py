"""Handles: change, and the redirect from a former one."""

from core.auth.reserved_handles import is_reserved
from core.errors import RefusalError, UnauthenticatedError, UserError, UserErrorCode
from core.text.text import TextError, clean_handle, typed_handle_key
from datastore.jobs.mails import MailKind
from datastore.records.users import UserRecord
from datastore.stores import Stores
from datastore.users.store import TakenError
from resolvers.accounts.login_throttle import throttled_attempt
from resolvers.accounts.owner_messages import change_of, hand_over
from resolvers.accounts.profiles import account_of
from resolvers.accounts.sessions import check_password
from resolvers.identity import Identity
from resolvers.screening import refusal_by_filter
from resolvers.services import Services

_TAKEN = "This handle is taken."


async def change_handle(
    services: Services, identity: Identity, handle: str, password: str, *, address: str
) -> UserRecord:
    """The former handle leads here for 30 days. Raises RefusalError with every wrong field."""
    errors = _handle_errors(handle)
    try:
        async with throttled_attempt(services, "changeHandle", str(identity.user_id), address):
            await check_password(services, identity, password, "password", address=address)
    except RefusalError as refusal:
        errors += refusal.errors
    if errors:
        raise RefusalError(*errors)
    account = await account_of(services.stores.users, identity)
    if account.user.handle == handle:
        return account.user
    if await services.screen.of_words(handle) is not None:
        raise refusal_by_filter("handle")
    change = change_of(services, account, MailKind.HANDLE_CHANGED, old=account.user.handle, new=handle)
    try:
        user = await services.stores.credentials.handles.change(identity.user_id, handle, change)
    except TakenError:
        raise RefusalError.of(UserErrorCode.TAKEN, _TAKEN, "handle") from None
    if user is None:
        raise UnauthenticatedError("This account is gone.")
    await hand_over(services.stores, change)
    return user


async def by_handle(stores: Stores, handle: str, since: float) -> UserRecord | None:
    """The handle as people type it: in whatever case, with or without an @; also a former one of the last 30 days.

    The profile is as of `since` (monotonic seconds) or later.
    """
    key = typed_handle_key(handle)
    user = await stores.users.accounts.by_handle(key, since)
    if user is not None:
        return user
    owner = await stores.credentials.handles.leads_to(key)
    return None if owner is None else await stores.users.accounts.get(owner)


def _handle_errors(handle: str) -> list[UserError]:
    try:
        clean_handle(handle)
    except TextError as error:
        return [UserError(UserErrorCode(error.code), error.message, ("handle",))]
    return [UserError(UserErrorCode.TAKEN, _TAKEN, ("handle",))] if is_reserved(handle) else []
