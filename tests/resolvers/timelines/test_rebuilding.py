"""A home timeline without a list: one rebuild is enqueued per second, however often it is read."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from core.ids import UserId
from datastore.jobs.routing import TIMELINES
from datastore.redis import job_keys, keys
from schema.values.nodes import NodeType, decode_id
from tests.support.people import Person, sign_up
from tests.support.service import Service, running_service, settings_for


@pytest.fixture
async def api(service_database: str, redis_url: str) -> AsyncIterator[Service]:
    """A service without workers, so that jobs stay in the queue."""
    async with running_service(settings_for(service_database, redis_url, rate_limit="off"), with_workers=False) as api:
        yield api


async def came_back(service: Service, name: str) -> Person:
    """A user without a list and without a rebuild in the queue, as after a long absence."""
    person = await sign_up(service, name)
    await person.post(f"{name} was here")
    await service.stores.redis.delete(job_keys.jobs(TIMELINES), keys.rebuild_ordered(number(person)))
    return person


def number(person: Person) -> UserId:
    return UserId(decode_id(person.id, NodeType.USER))


async def test_fifty_reads_at_once_order_one_rebuild(api: Service) -> None:
    """One job for each second that the reads take."""
    alice = await came_back(api, "alice")
    began = time.monotonic()
    pages = await asyncio.gather(*[alice.home() for _ in range(50)])
    assert {page["state"] for page in pages} == {"REBUILDING"}
    assert {page["edges"][0]["node"]["text"] for page in pages} == {"alice was here"}
    assert 1 <= await api.stores.redis.xlen(job_keys.jobs(TIMELINES)) <= 1 + int(time.monotonic() - began)


async def test_each_who_comes_back_gets_theirs(api: Service) -> None:
    people = [await came_back(api, name) for name in ("alice", "bob", "carol")]
    began = time.monotonic()
    await asyncio.gather(*[person.home() for person in people for _ in range(3)])
    orders = await api.stores.redis.xlen(job_keys.jobs(TIMELINES))
    assert len(people) <= orders <= len(people) * (1 + int(time.monotonic() - began))


async def test_an_order_that_was_lost_is_given_again_a_second_later(api: Service) -> None:
    alice = await came_back(api, "alice")
    await alice.home()
    assert 0 < await api.stores.redis.pttl(keys.rebuild_ordered(number(alice))) <= 1_000
    await api.stores.redis.delete(job_keys.jobs(TIMELINES), keys.rebuild_ordered(number(alice)))
    await alice.home()
    assert await api.stores.redis.xlen(job_keys.jobs(TIMELINES)) == 1
