"""Ranking snapshots: saved and read back, and their absence without Redis."""

from collections.abc import Awaitable, Callable

from datastore.stores import open_stores
from datastore.timelines.ranking_snapshots import RankedRow
from resolvers.ranking_snapshots import NO_SNAPSHOT, read_snapshot, save_snapshot
from resolvers.services import Services, open_services
from tests.resolvers.users import UNKNOWN_USER, registered
from tests.support.service import settings_for
from tests.support.stores import OwnStore

ROWS = [RankedRow(7, (("freshness", 0.5, 1.0),)), RankedRow(5, ())]


async def test_snapshot_is_read_back_by_its_user_only(services: Services) -> None:
    alice = await registered(services, "alice")
    number = await save_snapshot(services, alice.user_id, ROWS)
    assert number != NO_SNAPSHOT
    assert await read_snapshot(services, alice.user_id, number) == ROWS
    assert await read_snapshot(services, UNKNOWN_USER, number) is None
    assert await read_snapshot(services, alice.user_id, number + 1) is None
    assert await read_snapshot(services, alice.user_id, NO_SNAPSHOT) is None


async def test_without_redis_nothing_is_saved_or_read(
    service_database: str, own_valkey: Callable[[], Awaitable[OwnStore]]
) -> None:
    valkey = await own_valkey()
    settings = settings_for(service_database, valkey.url, ad_spacing=0)
    async with open_stores(settings) as stores, open_services(stores, settings) as services:
        number = await save_snapshot(services, UNKNOWN_USER, ROWS)
        await valkey.kill()
        assert await save_snapshot(services, UNKNOWN_USER, ROWS) == NO_SNAPSHOT
        assert await read_snapshot(services, UNKNOWN_USER, number) is None
