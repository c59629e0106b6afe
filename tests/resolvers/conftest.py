"""Fixtures for tests of use cases without the API."""

from collections.abc import AsyncIterator

import pytest

from datastore.stores import open_stores
from resolvers.ads import selection
from resolvers.services import Services, open_services
from tests.support.service import settings_for


@pytest.fixture
async def services(service_database: str, redis_url: str) -> AsyncIterator[Services]:
    """Services without workers."""
    settings = settings_for(service_database, redis_url, ad_spacing=0)
    async with open_stores(settings) as stores, open_services(stores, settings) as opened:
        yield opened


@pytest.fixture
def unhurried_ads(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page leaves advertisements out because this machine is busy."""
    monkeypatch.setattr(selection, "_TIMEOUT_SECONDS", 10.0)
