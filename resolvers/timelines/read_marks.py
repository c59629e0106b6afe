"""The read mark of the home timeline, shared by all devices of a user."""

from resolvers.identity import Identity
from resolvers.services import Services


async def set_home_read(services: Services, identity: Identity, place: int) -> None:
    """Marks the timeline as read up to and including this place; never moves back."""
    await services.stores.timelines.read_positions.advance(identity.user_id, place)


async def home_read(services: Services, identity: Identity) -> int | None:
    return await services.stores.timelines.read_positions.get(identity.user_id)
