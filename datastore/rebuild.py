"""Home timelines made anew from MongoDB: one that is not there, or those of many people in place of what they have."""

import secrets
from collections.abc import Callable, Iterable

from core.ids import UserId
from datastore.mongo.bulk import for_each
from datastore.stores import Stores

# Each holds a connection to either store; more at once don't make it faster.
_AT_ONCE = 8


async def build_timeline(stores: Stores, user_id: UserId) -> bool:
    """Where there is no list and nobody else makes it: False else, and where it was superseded by another build."""
    token = secrets.token_hex(8)
    if not await stores.timelines.home.begin_build(user_id, token):
        return False
    view = await stores.users.viewpoints.current_follows(user_id)
    ids = await stores.timelines.candidates.newest_ids(view, stores.timelines.home.length)
    is_complete = len(ids) < stores.timelines.home.length
    return await stores.timelines.home.commit_build(user_id, token, ids, complete=is_complete)


async def rebuild_timelines(stores: Stores, user_ids: Iterable[UserId], done: Callable[[int], object]) -> None:
    """Replaces the lists of these people; `done` is told of each.

    What is dropped supersedes a build that began before. A reader who comes in between is served from MongoDB, and may
    build the list first: from a MongoDB no older than the call.
    """

    async def rebuild(user_id: UserId) -> None:
        await stores.timelines.home.drop(user_id)
        await build_timeline(stores, user_id)
        done(1)

    await for_each(user_ids, rebuild, at_once=_AT_ONCE)
