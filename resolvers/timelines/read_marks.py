"""The read mark of the home timeline, shared by all devices of a user."""

from datastore.timelines.stores import TimelineStores
from resolvers.identity import Identity


async def set_home_read(timelines: TimelineStores, identity: Identity, place: int) -> None:
    """Marks the timeline as read up to and including this place; never moves back."""
    await timelines.read_positions.advance(identity.user_id, place)


async def home_read(timelines: TimelineStores, identity: Identity) -> int | None:
    return await timelines.read_positions.get(identity.user_id)
