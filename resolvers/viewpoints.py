"""The viewpoint of a request's viewer, which visibility rules take."""

from datastore.users.viewpoints import ANONYMOUS, Viewpoint
from resolvers.identity import Identity
from resolvers.services import Services


async def viewpoint_of(services: Services, identity: Identity | None) -> Viewpoint:
    """ANONYMOUS without an identity, which sees public accounts only."""
    return ANONYMOUS if identity is None else await services.stores.users.viewpoints.get(identity.user_id)
