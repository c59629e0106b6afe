"""Counting takes back follows that nobody could find when they were written, and never counts one beside a block."""

import asyncio
from typing import Any

import pytest

from datastore.graph.blocks import BlockStore
from datastore.graph.follows import FollowStore
from datastore.jobs.jobs import Merge, Unmerge
from datastore.mongo.edges import EdgeStore
from datastore.records.users import UserCounts
from datastore.stores import Stores
from tests.datastore.opened import new_users
from tests.workers.conftest import Opening
from workers.counting import count_users


async def test_a_follow_written_and_looked_at_within_the_transaction_of_a_block_is_taken_back(
    opened: Stores, opening: Opening, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The block does not see the follow, and the first look at the follow does not see the block."""
    alice, bob = await new_users(opened, "alice", "bob")
    insert, check, is_looked_at = EdgeStore.insert, FollowStore.check_founded, asyncio.Event()
    counting = list[asyncio.Task[None]]()

    async def looked(store: FollowStore, *pending: Any) -> None:
        await check(store, *pending)
        is_looked_at.set()

    async with opening(redis_url) as other:

        async def follow_first(store: EdgeStore, *edge: Any, **more: Any) -> bool:
            if isinstance(store, BlockStore):
                assert await other.users.follows.insert(Merge(other.ids(), bob, alice))
                counting.append(asyncio.create_task(count_users(other, [alice, bob])))
                await is_looked_at.wait()
            return await insert(store, *edge, **more)

        monkeypatch.setattr(FollowStore, "check_founded", looked)
        monkeypatch.setattr(EdgeStore, "insert", follow_first)
        unfollows = (Unmerge(opened.ids(), alice, bob), Unmerge(opened.ids(), bob, alice))
        await opened.users.blocks.block(opened.ids(), unfollows)
        monkeypatch.setattr(EdgeStore, "insert", insert)
        await counting[0]
        await count_users(other, [alice, bob])
        assert await other.users.follows.followees(bob) == []
        assert await other.users.counts.get_many([alice, bob]) == [UserCounts(), UserCounts()]
        assert await other.users.pending_counts.is_empty()
