"""Blocks and mutes as use cases: idempotence, the end of follows, lists."""

from collections.abc import Awaitable, Callable

import pytest

from core.errors import RefusalError, UserErrorCode
from core.ids import UserId
from resolvers.graph.blocks import block, blocked_users, mute, muted_users, unblock, unmute
from resolvers.graph.follows import RelationshipRecord, follow, relationships
from resolvers.identity import Identity
from resolvers.services import Services
from tests.resolvers.users import UNKNOWN_USER, registered


async def relation(services: Services, viewer: Identity, other: Identity) -> RelationshipRecord:
    (found,) = await relationships(services, viewer, [other.user_id])
    return found


async def test_block_ends_follows_both_ways_and_unblock_does_not_restore_them(services: Services) -> None:
    alice, bob = await registered(services, "alice"), await registered(services, "bob")
    await follow(services, alice, bob.user_id)
    await follow(services, bob, alice.user_id)
    for _ in range(2):
        assert (await block(services, alice, bob.user_id)).id == bob.user_id
        assert await relation(services, alice, bob) == RelationshipRecord(is_blocking=True)
        assert await relation(services, bob, alice) == RelationshipRecord()
    for follower, followee in ((alice, bob), (bob, alice)):
        with pytest.raises(RefusalError) as raised:
            await follow(services, follower, followee.user_id)
        assert [error.code for error in raised.value.errors] == [UserErrorCode.FORBIDDEN]
    for _ in range(2):
        await unblock(services, alice, bob.user_id)
        assert await relation(services, alice, bob) == RelationshipRecord()


async def test_block_ends_a_follow_request(services: Services) -> None:
    alice, bob = await registered(services, "alice", is_protected=True), await registered(services, "bob")
    await follow(services, bob, alice.user_id)
    assert await relation(services, bob, alice) == RelationshipRecord(has_requested_follow=True)
    await block(services, alice, bob.user_id)
    assert await relation(services, bob, alice) == RelationshipRecord()


async def test_mute_keeps_follows_and_ends_with_unmute(services: Services) -> None:
    alice, bob = await registered(services, "alice"), await registered(services, "bob")
    await follow(services, alice, bob.user_id)
    for _ in range(2):
        await mute(services, alice, bob.user_id)
        assert await relation(services, alice, bob) == RelationshipRecord(is_following=True, is_muting=True)
    for _ in range(2):
        await unmute(services, alice, bob.user_id)
        assert await relation(services, alice, bob) == RelationshipRecord(is_following=True)


async def test_lists_are_newest_first_in_pages(services: Services) -> None:
    alice = await registered(services, "alice")
    others = [await registered(services, name) for name in ("bob", "carol", "dave")]
    for other in others:
        await block(services, alice, other.user_id)
        await mute(services, alice, other.user_id)
    expected = [other.user_id for other in reversed(others)]
    for read in (blocked_users, muted_users):
        newest = await read(services.stores.users, alice, 2, None)
        rest = await read(services.stores.users, alice, 2, newest.end_place)
        assert [edge.node.id for edge in (*newest.edges, *rest.edges)] == expected
        assert (newest.has_next, rest.has_next) == (True, False)


async def test_viewer_and_unknown_users_are_refused(services: Services) -> None:
    alice = await registered(services, "alice")
    for on_oneself in (block, mute):
        with pytest.raises(RefusalError) as raised:
            await on_oneself(services, alice, alice.user_id)
        assert [error.code for error in raised.value.errors] == [UserErrorCode.INVALID]
    acts: tuple[Callable[[Services, Identity, UserId], Awaitable[object]], ...] = (block, unblock, mute, unmute)
    for act in acts:
        with pytest.raises(RefusalError) as raised:
            await act(services, alice, UNKNOWN_USER)
        assert [error.code for error in raised.value.errors] == [UserErrorCode.NOT_FOUND]
