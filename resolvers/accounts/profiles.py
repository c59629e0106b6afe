"""People as others see them, and what they may change of themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from core.errors import UnauthenticatedError, UserErrorCode
from core.ids import UserId
from core.text.text import clean_avatar_url, clean_bio, clean_name, handle_key
from datastore.jobs.jobs import AcceptFollowRequests, PublishProtection
from datastore.records.users import AccountRecord, UserCounts, UserRecord
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.input_errors import Form
from resolvers.services import Services

_Value: TypeAlias = str | bool | None
_FIELDS = {"name": "name", "is_protected": "isProtected"}


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """Fields by name; one that is left out stays as it is, None empties it."""

    fields: Mapping[str, str | bool | None]


async def get_many(services: Services, ids: Sequence[UserId]) -> list[UserRecord | None]:
    return await services.stores.users.accounts.get_many(ids)


async def counts_of(services: Services, ids: Sequence[UserId]) -> list[UserCounts]:
    return await services.stores.users.accounts.counts_of(ids)


async def by_handle(services: Services, handle: str) -> UserRecord | None:
    return await services.stores.users.accounts.by_handle(handle_key(handle))


async def account_of(services: Services, identity: Identity) -> AccountRecord:
    account = await services.stores.users.accounts.account(identity.user_id)
    if account is None:
        raise UnauthenticatedError("This account is gone.")
    return account


async def update_profile(services: Services, identity: Identity, changes: ProfileChanges) -> UserRecord:
    """Raises RefusalError with every field that can't be taken."""
    form = Form()
    cleaned = {name: _clean(form, name, value) for name, value in changes.fields.items()}
    form.finish()
    ids, is_protected = services.stores.ids, cleaned.get("is_protected")
    guard = PublishProtection(ids(), identity.user_id, is_protected) if isinstance(is_protected, bool) else None
    goes_public = AcceptFollowRequests(ids(), identity.user_id) if is_protected is False else None
    user = await services.stores.users.accounts.update_profile(identity.user_id, cleaned, then=goes_public, guard=guard)
    if user is None:
        raise UnauthenticatedError("This account is gone.")
    await try_enqueue(services.stores, *[job for job in (goes_public, guard) if job is not None])
    return user


def _clean(form: Form, name: str, value: _Value) -> _Value:
    match name, value:
        case "name", str():
            return form.clean("name", clean_name, value)
        case "bio", str() if value.strip():
            return form.clean("bio", clean_bio, value)
        case "avatar_url", str() if value.strip():
            return form.clean("avatarUrl", clean_avatar_url, value)
        case "is_protected", bool():
            return value
        case (("name" | "is_protected"), _):
            form.refuse(_FIELDS[name], UserErrorCode.INVALID, "This can't be empty.")
    return None
