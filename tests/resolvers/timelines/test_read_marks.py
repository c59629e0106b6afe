"""The read mark of the home timeline."""

from resolvers.services import Services
from resolvers.timelines.read_marks import home_read, set_home_read
from tests.resolvers.users import registered


async def test_read_mark_moves_forward_only_and_for_its_user_only(services: Services) -> None:
    alice, bob = await registered(services, "alice"), await registered(services, "bob")
    assert await home_read(services.stores.timelines, alice) is None
    for place, expected in ((50, 50), (40, 50), (60, 60), (60, 60)):
        await set_home_read(services.stores.timelines, alice, place)
        assert await home_read(services.stores.timelines, alice) == expected
    assert await home_read(services.stores.timelines, bob) is None
