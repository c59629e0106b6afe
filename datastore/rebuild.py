"""Builds home timelines from MongoDB: one that is missing, or those of many users in place of their lists."""

import secrets
from collections.abc import Callable, Iterable

from core.ids import UserId
from core.runtime.tasks import for_each
from datastore.stores import Stores

# Each build holds a connection to either store; more at once are not faster.
_AT_ONCE = 8


async def build_timeline(stores: Stores, user_id: UserId) -> bool:
    """Builds a missing list. False if there is one, another process builds it, or another build superseded this one."""
    token = secrets.token_hex(8)
    if not await stores.timelines.home.begin_build(user_id, token):
        return False
    view = await stores.users.viewpoints.current_follows(user_id)
    ids = await stores.timelines.candidates.newest_ids(view, stores.timelines.home.length)
    is_complete = len(ids) < stores.timelines.home.length
    return await stores.timelines.home.commit_build(user_id, token, ids, complete=is_complete)


async def rebuild_timelines(stores: Stores, user_ids: Iterable[UserId], done: Callable[[int], object]) -> None:
    """Replaces the lists of these users; calls `done(1)` after each.

    Dropping a list supersedes builds begun earlier. A reader in between is served from MongoDB, and may build the list
    first, from data no older than this call.
    """

    async def rebuild(user_id: UserId) -> None:
        await stores.timelines.home.drop(user_id)
        await build_timeline(stores, user_id)
        done(1)

    await for_each(user_ids, rebuild, at_once=_AT_ONCE)
