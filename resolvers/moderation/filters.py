"""Filters of the operator: read by moderators, changed by admins."""

from core.errors import RefusalError, UserErrorCode
from core.moderation import FilterEffect, FilterKind
from core.roles import Role
from core.text.emails import is_email
from core.text.muted_words import clean_entry
from core.text.text import TextError, clean_line
from core.text.urls import find_urls
from datastore.moderation.filters import FilterRecord, TooManyFiltersError
from datastore.moderation.log import LogLine
from datastore.moderation.stores import ModerationStores
from resolvers.identity import Identity
from resolvers.moderation.roles import require_role, role_of
from resolvers.pages import Page, check_first, page_of
from resolvers.screening import address_pattern, host_of
from resolvers.services import Services

_SUBJECT = "Filter"
_LONGEST_PATTERN = 254
_HOST, _ADDRESS = "a host, such as example.com", "an address or a domain"


async def set_filter(
    services: Services, identity: Identity, kind: FilterKind, pattern: str, effect: FilterEffect, *, is_on: bool
) -> FilterRecord:
    """Changes that of the same kind and pattern, if there is one.

    Raises RefusalError: FORBIDDEN for all but admins, INVALID, TOO_LONG, CONFLICT for the 1,001st.
    """
    await require_role(services.stores.users, identity, Role.ADMIN)
    ids = services.stores.ids
    wanted = FilterRecord(ids(), kind, _clean_pattern(kind, pattern), effect, is_on)
    note = f"{kind} {wanted.pattern}: {effect}, {'on' if is_on else 'off'}"
    line = LogLine(ids(), identity.user_id, "SET_FILTER", (_SUBJECT, wanted.id), note)
    try:
        made = await services.stores.moderation.filters.set(wanted, line)
    except TooManyFiltersError:
        message = "There are 1,000 filters already."
        raise RefusalError.of(UserErrorCode.CONFLICT, message, "input", "pattern") from None
    services.screen.forget()
    return made


async def delete_filter(services: Services, identity: Identity, filter_id: int) -> int:
    """Raises RefusalError: FORBIDDEN for all but admins, NOT_FOUND."""
    await require_role(services.stores.users, identity, Role.ADMIN)
    filters, ids = services.stores.moderation.filters, services.stores.ids
    known = await filters.get(filter_id)
    note = None if known is None else f"{known.kind} {known.pattern}"
    line = LogLine(ids(), identity.user_id, "DELETE_FILTER", (_SUBJECT, filter_id), note)
    if known is None or not await filters.delete(filter_id, line):
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such filter.", "id")
    services.screen.forget()
    return filter_id


async def filters(moderation: ModerationStores, first: int, after: int | None) -> Page[FilterRecord]:
    """Oldest first. The caller checks the role."""
    check_first(first)
    found = [one for one in await moderation.filters.all() if after is None or one.id > after]
    return page_of(found[: first + 1], first, lambda one: one.id, has_previous=after is not None)


async def filter_of(services: Services, identity: Identity | None, filter_id: int) -> FilterRecord | None:
    """None unless the viewer moderates."""
    if not (await role_of(services.stores.users, identity)).includes(Role.MODERATOR):
        return None
    return await services.stores.moderation.filters.get(filter_id)


def _clean_pattern(kind: FilterKind, raw: str) -> str:
    """Raises RefusalError INVALID for what such a filter never meets."""
    try:
        typed = clean_entry(raw) if kind is FilterKind.WORD else clean_line(raw, _LONGEST_PATTERN)
    except TextError as error:
        raise RefusalError.of(UserErrorCode(error.code), error.message, "input", "pattern") from None
    if kind is FilterKind.WORD:
        return typed
    if kind is FilterKind.LINK:
        pattern = host_of(typed)
        is_one, thing = [one.url for one in find_urls(f"https://{pattern}")] == [f"https://{pattern}"], _HOST
    else:
        pattern = address_pattern(typed)
        is_one, thing = is_email(pattern if "@" in pattern else f"somebody@{pattern}"), _ADDRESS
    if not is_one:
        raise RefusalError.of(UserErrorCode.INVALID, f"This is not {thing}.", "input", "pattern")
    return pattern
