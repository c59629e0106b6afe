"""The main job on a Redis Cluster with a separate Redis for jobs; the same tests as on one server."""

from collections.abc import AsyncIterator

import pytest

from tests.semantics.test_main_job import (
    test_deleted_tweet_leaves_home_and_stream,
    test_follower_reads_tweet_at_home_and_receives_it_live,
    test_following_brings_in_the_past_and_unfollowing_takes_it_out,
)
from tests.support.processes.redis_cluster import Cluster
from tests.support.service import Service, running_service, settings_for

__all__ = [
    "test_deleted_tweet_leaves_home_and_stream",
    "test_follower_reads_tweet_at_home_and_receives_it_live",
    "test_following_brings_in_the_past_and_unfollowing_takes_it_out",
]


@pytest.fixture
async def service(service_database: str, cluster: Cluster, redis_url: str) -> AsyncIterator[Service]:
    settings = settings_for(service_database, cluster.url, jobs_url=redis_url)
    async with running_service(settings) as service:
        yield service


async def test_jobs_lie_where_jobs_are_to_be(service: Service) -> None:
    assert service.stores.jobs.redis is not service.stores.redis
