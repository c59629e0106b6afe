"""From where the viewer of a request sees."""

from datastore.users.viewpoints import NOBODY, Viewpoint
from resolvers.identity import Identity
from resolvers.services import Services


async def viewpoint_of(services: Services, identity: Identity | None) -> Viewpoint:
    """Without a viewer that of nobody, who sees public accounts alone."""
    return NOBODY if identity is None else await services.stores.users.viewpoints.get(identity.user_id)
