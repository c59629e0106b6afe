"""From where the viewer of a request sees."""

from datastore.viewpoints import NOBODY, Viewpoint
from resolvers.services import Services
from resolvers.sessions import Identity


async def viewpoint_of(services: Services, identity: Identity | None) -> Viewpoint:
    """Without a viewer that of nobody, who sees public accounts alone."""
    return NOBODY if identity is None else await services.stores.viewpoints.get(identity.user_id)
