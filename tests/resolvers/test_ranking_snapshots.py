"""Ranking snapshots: saved and read back, and their absence without Redis."""

from collections.abc import Awaitable, Callable

import pytest

from datastore.redis import keys
from datastore.stores import open_stores
from datastore.timelines import ranking_snapshots
from datastore.timelines.ranking_snapshots import MOST_SNAPSHOTS, RankedRow
from datastore.users.viewpoint_records import ANONYMOUS
from resolvers.ranking_snapshots import NO_SNAPSHOT, read_snapshot, save_snapshot
from resolvers.services import Services, open_services
from tests.resolvers.users import UNKNOWN_USER, registered
from tests.support.service import settings_for
from tests.support.stores import OwnStore

ROWS = [RankedRow(7, (("freshness", 0.5, 1.0),)), RankedRow(5, ())]


async def test_snapshot_is_read_back_by_its_user_only(services: Services) -> None:
    alice = await registered(services, "alice")
    number = await save_snapshot(services.stores.timelines, alice.user_id, ROWS)
    assert number != NO_SNAPSHOT
    assert await read_snapshot(services.stores.timelines, alice.user_id, number) == ROWS
    assert await read_snapshot(services.stores.timelines, UNKNOWN_USER, number) is None
    assert await read_snapshot(services.stores.timelines, alice.user_id, number + 1) is None
    assert await read_snapshot(services.stores.timelines, alice.user_id, NO_SNAPSHOT) is None


@pytest.mark.parametrize("is_stranger", [False, True])
async def test_newest_snapshots_alone_are_kept(
    services: Services, monkeypatch: pytest.MonkeyPatch, *, is_stranger: bool
) -> None:
    user_id, most = (ANONYMOUS.user_id, 12) if is_stranger else (UNKNOWN_USER, MOST_SNAPSHOTS)
    monkeypatch.setattr(ranking_snapshots, "MOST_OF_STRANGERS", 12)
    numbers = [await save_snapshot(services.stores.timelines, user_id, ROWS) for _ in range(most + 2)]
    kept = [await read_snapshot(services.stores.timelines, user_id, number) is not None for number in numbers]
    assert kept == [False, False] + [True] * most
    redis = services.stores.redis
    stored = [await redis.exists(keys.ranking_snapshot(user_id, number)) for number in numbers]
    assert stored == [0, 0] + [1] * most
    assert await redis.llen(keys.ranking_snapshots(user_id)) == most
    assert 0 < await redis.pttl(keys.ranking_snapshots(user_id)) <= 3_600_000


async def test_without_redis_nothing_is_saved_or_read(
    service_database: str, own_valkey: Callable[[], Awaitable[OwnStore]]
) -> None:
    valkey = await own_valkey()
    settings = settings_for(service_database, valkey.url, ad_spacing=0)
    async with open_stores(settings) as stores, open_services(stores, settings) as services:
        number = await save_snapshot(services.stores.timelines, UNKNOWN_USER, ROWS)
        await valkey.kill()
        assert await save_snapshot(services.stores.timelines, UNKNOWN_USER, ROWS) == NO_SNAPSHOT
        assert await read_snapshot(services.stores.timelines, UNKNOWN_USER, number) is None
