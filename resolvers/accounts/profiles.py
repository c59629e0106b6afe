"""Profiles: public user records and counts, and the owner's changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from core.errors import RefusalError, UnauthenticatedError, UserErrorCode
from core.ids import MediaId, UserId
from core.text.text import clean_bio, clean_name, is_blank
from datastore.jobs.jobs import AcceptFollowRequests, PublishProtection
from datastore.media.records import MediaSize, MediaUse
from datastore.media.stores import MediaStores
from datastore.records.users import AccountRecord, UserCounts, UserRecord
from datastore.users.stores import UserStores
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.input_errors import InputErrors
from resolvers.media.pictures import media_id_of, path_of
from resolvers.services import Services

_Value: TypeAlias = str | bool | MediaId | None
PICTURES: Mapping[str, tuple[MediaUse, MediaSize]] = {
    "avatar": (MediaUse.AVATAR, MediaSize.THUMBNAIL),
    "banner": (MediaUse.BANNER, MediaSize.LARGE),
}
_FIELDS = {"name": "name", "is_protected": "isProtected"}


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """Fields by name; a missing field stays as it is, None clears it."""

    fields: Mapping[str, _Value]


async def get_many(users: UserStores, ids: Sequence[UserId]) -> list[UserRecord | None]:
    return await users.accounts.get_many(ids)


async def counts_of(users: UserStores, ids: Sequence[UserId]) -> list[UserCounts]:
    return await users.counts.get_many(ids)


async def account_of(users: UserStores, identity: Identity) -> AccountRecord:
    account = await users.accounts.get_account(identity.user_id)
    if account is None:
        raise UnauthenticatedError("This account is gone.")
    return account


async def update_profile(services: Services, identity: Identity, changes: ProfileChanges) -> UserRecord:
    """Raises RefusalError with every invalid field."""
    errors = InputErrors()
    cleaned = {name: _clean(errors, name, value) for name, value in changes.fields.items()}
    errors.raise_if_any()
    await services.screen.refuse({name: cleaned.get(name) for name in ("name", "bio")})
    if "avatar_url" in cleaned:
        cleaned["avatar"] = cleaned.pop("avatar_url")
    before = await services.stores.users.accounts.get_uncached(identity.user_id) if cleaned.keys() & PICTURES else None
    cleaned |= await _shown_pictures(services.stores.media, identity, changes.fields)
    ids, is_protected = services.stores.ids, cleaned.get("is_protected")
    guard = PublishProtection(ids(), identity.user_id, is_protected) if isinstance(is_protected, bool) else None
    goes_public = AcceptFollowRequests(ids(), identity.user_id) if is_protected is False else None
    user = await services.stores.users.accounts.update_profile(
        identity.user_id, cleaned, accept_requests=goes_public, publish_protection=guard
    )
    if user is None:
        raise UnauthenticatedError("This account is gone.")
    await try_enqueue(services.stores, *[job for job in (goes_public, guard) if job is not None])
    await _remove_replaced(services.stores.media, before, user)
    return user


async def _shown_pictures(media: MediaStores, identity: Identity, fields: Mapping[str, _Value]) -> dict[str, str]:
    """The paths of the pictures that are to be shown, by field. Raises RefusalError NOT_FOUND."""
    paths: dict[str, str] = {}
    for name, (use, size) in PICTURES.items():
        media_id = fields.get(name)
        if media_id is None:
            continue
        picture = await media.items.use_on_profile(MediaId(int(media_id)), identity.user_id, use)
        if picture is None:
            raise RefusalError.of(UserErrorCode.NOT_FOUND, "You have no such picture that is READY.", "input", name)
        paths[name] = path_of(picture, size)
    return paths


async def _remove_replaced(media: MediaStores, before: UserRecord | None, after: UserRecord) -> None:
    shown = {path for path in (after.avatar, after.banner) if path}
    replaced = {path for path in (before.avatar, before.banner) if path} - shown if before else set()
    await media.items.remove(*map(media_id_of, replaced))


def _clean(errors: InputErrors, name: str, value: _Value) -> str | bool | None:
    match name, value:
        case "name", str():
            return errors.clean("name", clean_name, value)
        case "bio", str() if not is_blank(value):
            return errors.clean("bio", clean_bio, value)
        case "avatar_url", str() if value.strip():
            errors.add("avatarUrl", UserErrorCode.INVALID, "Upload a picture, and name it as `avatar`.")
        case "is_protected", bool():
            return value
        case (("name" | "is_protected"), _):
            errors.add(_FIELDS[name], UserErrorCode.INVALID, "This can't be empty.")
    return None
