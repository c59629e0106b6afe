"""A fake database of birds, and a cache of it."""

import pytest

from core.ids import UserId
from datastore.cache.rows import RowCache
from datastore.redis.node.pipeline import CommandPipeline
from tests.datastore.cache.birds import Bird, Birds, cache_of


@pytest.fixture
def birds() -> Birds:
    return Birds("rook", "crow", "raven")


@pytest.fixture
def cache(pipeline: CommandPipeline, birds: Birds) -> RowCache[UserId, Bird]:
    return cache_of(pipeline, birds)
