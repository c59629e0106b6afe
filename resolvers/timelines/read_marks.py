"""How far somebody has read their home timeline, the same on all of their devices."""

from resolvers.identity import Identity
from resolvers.services import Services


async def set_home_read(services: Services, identity: Identity, place: int) -> None:
    """Up to and including this place; never moves back."""
    await services.stores.users.accounts.move_home_read(identity.user_id, place)


async def home_read(services: Services, identity: Identity) -> int | None:
    return await services.stores.users.accounts.home_read(identity.user_id)
