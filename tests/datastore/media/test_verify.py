"""Storage and database are compared in both directions, and mended."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.auth.tokens import utc_now
from core.ids import MediaId
from datastore.admin.indexes import make_indexes
from datastore.admin.media import verify_media
from datastore.media.storage import incoming, variants
from tests.support.people import sign_up
from tests.support.pictures import node, number_of, png, ready, urls
from tests.support.service import Service, running_service, settings_for
from tests.support.stores import Stores


@pytest.fixture
async def service(stores: Stores, redis_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    """With a folder and a database of its own: pictures of other tests would be differences."""
    with stores.fresh_database() as database:
        settings = settings_for(database, redis_url, media_url=tmp_path.as_uri())
        async with running_service(settings) as service:
            await make_indexes(service.stores.mongo)
            yield service


async def test_differences_are_found_once_and_mended(service: Service) -> None:
    alice, stores = await sign_up(service, "alice"), service.stores
    whole, lost = await ready(alice, png()), await ready(alice, png())
    later = utc_now() + timedelta(hours=1)
    assert await verify_media(stores, now=later) == []
    await stores.media.storage.put("3/none/LARGE.webp", b"young")
    assert await verify_media(stores) == []
    await stores.media.storage.delete("3/none/LARGE.webp")
    row = await stores.media.items.get(MediaId(int(number_of(lost))))
    assert row is not None
    await stores.media.storage.delete(variants(row)[0])
    await stores.media.storage.put("1/none/LARGE.webp", b"x")
    await stores.media.storage.put(incoming(MediaId(2)), b"x")
    found = await verify_media(stores, now=later)
    assert sorted(line.partition(":")[0] for line in found) == sorted(["1/none/LARGE.webp", "incoming/2", str(row.id)])
    again = await verify_media(stores, now=later)
    assert {line.partition("/")[0] for line in again} <= {str(row.id)}  # the files that were left of it
    assert await verify_media(stores, now=later) == []
    assert (await node(alice, lost["id"]))["state"] == "FAILED"
    assert (await service.http.get(urls(whole)[0])).status_code == 200
