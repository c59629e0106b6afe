"""Lists of people: made and changed by their owner, seen as their owner's tweets are, or by the owner alone."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from core.errors import RefusalError, UnauthenticatedError, UserErrorCode
from core.ids import ListId, UserId
from core.text.text import clean_bio, clean_name, is_blank
from datastore.graph.lists import MOST_LISTS, MOST_MEMBERS, FullError, ListRecord
from datastore.jobs.jobs import RebuildLists
from datastore.mongo.existence import GoneError
from datastore.records.users import UserRecord
from datastore.stores import Stores
from datastore.timelines.list_rules import may_see_list
from datastore.users.stores import UserStores
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.input_errors import InputErrors
from resolvers.pages import Page, check_first, page_of
from resolvers.screening import Screen
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_since
from resolvers.visibility import existing_user
from resolvers.visible_pages import page_of_users

_FIELDS = {"name": "name", "is_private": "isPrivate"}


@dataclass(frozen=True, slots=True)
class ListChanges:
    """Fields by name of ListRecord; a missing one stays as it is, None empties the description."""

    fields: Mapping[str, str | bool | None]


async def list_of(
    users: UserStores, identity: Identity | None, list_id: ListId, since: float | None = None
) -> ListRecord | None:
    """None if there is none, or the viewer may not see it.

    Rows are as of `since` (monotonic seconds) or later; None: now.
    """
    moment = time.monotonic() if since is None else since
    record = await users.lists.get(list_id, moment)
    if record is None:
        return None
    view = await viewpoint_since(users, identity, moment)
    (owner,) = await users.accounts.get_many([record.owner_id], moment)
    return record if may_see_list(view, record, owner) else None


async def own_lists(users: UserStores, identity: Identity, first: int, before: int | None) -> Page[ListRecord]:
    """Newest first."""
    check_first(first)
    found = await users.lists.of_owner(identity.user_id, before, first + 1)
    return page_of(found, first, lambda record: record.id, has_previous=before is not None)


async def members_of(users: UserStores, list_id: ListId, first: int, before: int | None) -> Page[UserRecord]:
    """Latest added first."""
    edges = users.lists.members
    return await page_of_users(users, lambda place, count: edges.targets(list_id, place, count), first, before)


async def create(services: Services, identity: Identity, changes: ListChanges) -> ListRecord:
    """Raises RefusalError with every invalid field, CONFLICT beyond MOST_LISTS."""
    fields = await _cleaned(services.screen, {"description": None, "is_private": False, **changes.fields})
    record = ListRecord(ListId(services.stores.ids()), identity.user_id, **fields)  # type: ignore[arg-type]
    with _refusing(identity, "input"):
        await services.stores.users.lists.insert(record)
    return record


async def update(services: Services, identity: Identity, list_id: ListId, changes: ListChanges) -> ListRecord:
    """Raises RefusalError: NOT_FOUND, FORBIDDEN for another's list, or every invalid field."""
    await own_list(services.stores.users, identity, list_id)
    fields = await _cleaned(services.screen, changes.fields)
    if not await services.stores.users.lists.update(list_id, identity.user_id, fields):
        raise _not_found()
    return await own_list(services.stores.users, identity, list_id)


async def delete(users: UserStores, identity: Identity, list_id: ListId) -> ListId:
    """Raises RefusalError: NOT_FOUND, FORBIDDEN for another's list."""
    await own_list(users, identity, list_id)
    await users.lists.delete(list_id)
    return list_id


async def add(services: Services, identity: Identity, list_id: ListId, user_id: UserId) -> ListRecord:
    """Idempotent.

    Raises RefusalError: NOT_FOUND, FORBIDDEN after a block or for another's list, CONFLICT if it is full.
    """
    record = await own_list(services.stores.users, identity, list_id)
    await existing_user(services.stores.users, user_id, "userId")
    if await services.stores.users.blocks.is_blocked_between(identity.user_id, user_id):
        raise RefusalError.of(UserErrorCode.FORBIDDEN, "One of you two blocks the other.", "userId")
    with _refusing(identity, "userId"):
        job = await services.stores.users.lists.add(services.stores.ids(), record, user_id)
    await _enqueue(services.stores, job)
    return await own_list(services.stores.users, identity, list_id)


async def remove(services: Services, identity: Identity, list_id: ListId, user_id: UserId) -> ListRecord:
    """Idempotent. Raises RefusalError: NOT_FOUND, FORBIDDEN for another's list."""
    await own_list(services.stores.users, identity, list_id)
    await existing_user(services.stores.users, user_id, "userId")
    job = await services.stores.users.lists.remove(services.stores.ids(), list_id, user_id)
    await _enqueue(services.stores, job)
    return await own_list(services.stores.users, identity, list_id)


async def own_list(users: UserStores, identity: Identity, list_id: ListId) -> ListRecord:
    """Raises RefusalError: NOT_FOUND for what the viewer may not see, FORBIDDEN for another's list."""
    record = await list_of(users, identity, list_id)
    if record is None:
        raise _not_found()
    if record.owner_id != identity.user_id:
        raise RefusalError.of(UserErrorCode.FORBIDDEN, "This list is somebody else's.", "id")
    return record


async def _enqueue(stores: Stores, job: RebuildLists | None) -> None:
    if job is not None:
        await try_enqueue(stores, job)


async def _cleaned(screen: Screen, fields: Mapping[str, str | bool | None]) -> dict[str, str | bool | None]:
    """As they are stored. Raises RefusalError with every invalid field, or what a filter refuses."""
    errors = InputErrors()
    cleaned = {name: _clean(errors, name, value) for name, value in fields.items()}
    errors.raise_if_any()
    await screen.refuse({name: cleaned.get(name) for name in ("name", "description")})
    return cleaned


def _clean(errors: InputErrors, name: str, value: str | bool | None) -> str | bool | None:  # noqa: FBT001 - a value of any field
    match name, value:
        case "name", str():
            return errors.clean("name", clean_name, value)
        case "description", str() if not is_blank(value):
            return errors.clean("description", clean_bio, value)
        case "is_private", bool():
            return value
        case (("name" | "is_private"), _):
            errors.add(_FIELDS[name], UserErrorCode.INVALID, "This can't be empty.")
    return None


@contextmanager
def _refusing(identity: Identity, field: str) -> Iterator[None]:
    """Wraps a write: what was checked before may have changed at this moment."""
    try:
        yield
    except FullError:
        full = f"You have {MOST_LISTS} lists." if field == "input" else f"A list has {MOST_MEMBERS} members at most."
        raise RefusalError.of(UserErrorCode.CONFLICT, full, field) from None
    except GoneError as error:
        if error.gone == identity.user_id:
            raise UnauthenticatedError("This account is gone.") from None
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "It was deleted or blocked at this moment.", field) from None


def _not_found() -> RefusalError:
    return RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such list.", "id")
