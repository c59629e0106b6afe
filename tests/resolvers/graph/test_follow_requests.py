"""Follow requests as use cases: accept, reject, withdraw."""

import pytest

from core.errors import RefusalError, UserError, UserErrorCode
from resolvers.graph.follow_requests import accept, pending_requests, reject
from resolvers.graph.follows import RelationshipRecord, follow, relationships, unfollow
from resolvers.identity import Identity
from resolvers.services import Services
from tests.resolvers.users import registered

REQUESTED, FOLLOWING = RelationshipRecord(has_requested_follow=True), RelationshipRecord(is_following=True)


async def state(services: Services, follower: Identity, followee: Identity) -> tuple[RelationshipRecord, bool]:
    """The follower's relationship, and whether the followee has their request."""
    (relation,) = await relationships(services, follower, [followee.user_id])
    pending = await pending_requests(services.stores.users, followee, 20, None)
    return relation, follower.user_id in [edge.node.id for edge in pending.edges]


async def test_accepted_request_becomes_a_follow(services: Services) -> None:
    alice, bob = await registered(services, "alice", is_protected=True), await registered(services, "bob")
    for _ in range(2):
        await follow(services, bob, alice.user_id)
        assert await state(services, bob, alice) == (REQUESTED, True)
    for _ in range(2):
        assert (await accept(services, alice, bob.user_id)).id == bob.user_id
        assert await state(services, bob, alice) == (FOLLOWING, False)


async def test_rejected_and_withdrawn_requests_are_gone(services: Services) -> None:
    alice, bob = await registered(services, "alice", is_protected=True), await registered(services, "bob")
    for end, who, whom in ((reject, alice, bob), (unfollow, bob, alice)):
        await follow(services, bob, alice.user_id)
        for _ in range(2):
            await end(services, who, whom.user_id)
            assert await state(services, bob, alice) == (RelationshipRecord(), False)


async def test_accept_without_a_request_is_refused(services: Services) -> None:
    alice, bob = await registered(services, "alice", is_protected=True), await registered(services, "bob")
    with pytest.raises(RefusalError) as raised:
        await accept(services, alice, bob.user_id)
    assert raised.value.errors == (
        UserError(UserErrorCode.NOT_FOUND, "They have not asked to follow you.", ("userId",)),
    )
    assert await state(services, bob, alice) == (RelationshipRecord(), False)
