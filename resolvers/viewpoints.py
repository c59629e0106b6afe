"""The viewpoint of a request's viewer, which visibility rules take."""

from core.ids import UserId
from datastore.users.stores import UserStores
from datastore.users.viewpoint_records import ANONYMOUS, Viewpoint
from resolvers.identity import Identity


def local_viewpoint_of(users: UserStores, identity: Identity | None, since: float) -> Viewpoint | None:
    """Like `viewpoint_of`, as of `since` (monotonic seconds) or later, if this process has it in memory."""
    return ANONYMOUS if identity is None else users.viewpoints.get_local(identity.user_id, since)


async def viewpoint_since(users: UserStores, identity: Identity | None, since: float) -> Viewpoint:
    """Like `viewpoint_of`, as of `since` (monotonic seconds) or later."""
    view = local_viewpoint_of(users, identity, since)
    return await viewpoint_of(users, identity) if view is None else view


async def viewpoint_of(users: UserStores, identity: Identity | None) -> Viewpoint:
    """ANONYMOUS without an identity, which sees public accounts only."""
    return ANONYMOUS if identity is None else await users.viewpoints.get(identity.user_id)


async def viewpoint_unless(users: UserStores, identity: Identity | None, owner: UserId) -> Viewpoint | None:
    """The viewpoint by which rules filter the owner's list; None for the owner, who sees everybody there."""
    is_owner = identity is not None and identity.user_id == owner
    return None if is_owner else await viewpoint_of(users, identity)
