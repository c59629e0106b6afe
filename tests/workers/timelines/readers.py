"""Readers with home lists."""

from core.ids import UserId
from datastore.rebuild import build_timeline
from datastore.stores import Stores
from tests.datastore.opened import new_users


async def new_readers(stores: Stores, *names: str) -> list[UserId]:
    """Users with empty lists."""
    user_ids = await new_users(stores, *names)
    for user_id in user_ids:
        assert await build_timeline(stores, user_id)
    return user_ids


async def homes(stores: Stores, *user_ids: UserId) -> list[list[int]]:
    return [await stores.timelines.home.ids(user_id) for user_id in user_ids]
