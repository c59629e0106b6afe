"""notification_deliveries: known and repeated changes are skipped, and a reset reads the version again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from core.ids import UserId
from datastore.redis.node.pipeline import open_node_pipeline
from datastore.timelines.changes import (
    NotificationChange,
    NotificationChangeKind,
    StreamPosition,
    UnpublishedChange,
)
from datastore.timelines.event_log import EventLog, NotificationPublisher, notification_log
from subscriptions.log_consumer import ChangeDelivery, LogConsumer
from subscriptions.notifications import NotificationDelivery, notification_deliveries

ALICE = UserId(1 << 22)
Key = tuple[NotificationChangeKind, int, int]


class Notifications:
    """The log of Alice's notifications, and their current version."""

    def __init__(self, redis: Redis, log: EventLog[NotificationChange]) -> None:
        self.log, self.version = log, 0
        self._publisher = NotificationPublisher(redis)

    async def publish(self, group_id: int, version: int) -> None:
        self.version = version
        kind = NotificationChangeKind.CHANGED if group_id else NotificationChangeKind.COUNT
        await self._publisher.publish(UnpublishedChange(ALICE, kind, group_id, version))

    async def current_version(self) -> int:
        return self.version

    def deliveries(
        self, known_version: int | None, after: StreamPosition | None
    ) -> AsyncIterator[NotificationDelivery]:
        consumer = LogConsumer(self.log, ALICE, after, prepare=_prepare, on_caught_up=lambda _: None)
        return notification_deliveries(consumer, known_version, self.current_version)


async def _prepare(
    new: Sequence[tuple[UserId, NotificationChange]],
) -> list[ChangeDelivery[NotificationChange]]:
    return [ChangeDelivery(change, None, {}) for _, change in new]


@asynccontextmanager
async def _notifications(redis_url: str, redis: Redis) -> AsyncIterator[Notifications]:
    async with open_node_pipeline(redis_url) as pipeline:
        yield Notifications(redis, notification_log(pipeline))


@pytest.fixture
async def notifications(redis_url: str, redis: Redis) -> AsyncIterator[Notifications]:
    async with _notifications(redis_url, redis) as notifications:
        yield notifications


async def keys_of(deliveries: AsyncIterator[NotificationDelivery], count: int) -> list[Key]:
    """Kind, version and known version of the next deliveries."""
    async with asyncio.timeout(5):
        found = [await anext(deliveries) for _ in range(count)]
    return [(one.delivery.change.kind, one.delivery.change.version, one.known_version) for one in found]


async def test_versions_that_the_client_knows_are_skipped(notifications: Notifications) -> None:
    start = await notifications.log.position(ALICE)
    for version in (1, 2, 3):
        await notifications.publish(version, version)
    deliveries = notifications.deliveries(2, start)
    assert await keys_of(deliveries, 1) == [(NotificationChangeKind.CHANGED, 3, 2)]


async def test_version_is_published_once_and_delivered_once(notifications: Notifications, redis: Redis) -> None:
    start = await notifications.log.position(ALICE)
    for version in (1, 1, 2):
        await notifications.publish(0, version)
    await redis.delete(*await redis.keys("told:*"))  # as if Redis had lost them
    await notifications.publish(0, 1)
    await notifications.publish(0, 3)
    deliveries = notifications.deliveries(0, start)
    assert [version for _, version, _ in await keys_of(deliveries, 3)] == [1, 2, 3]


async def test_reset_reads_the_current_version(notifications: Notifications) -> None:
    start = await notifications.log.position(ALICE)
    await notifications.publish(7, 7)
    deliveries = notifications.deliveries(3, StreamPosition(start.epoch - 1, 0))
    assert await keys_of(deliveries, 1) == [(NotificationChangeKind.RESET, 0, 7)]


async def test_without_a_known_version_the_current_one_is_known(notifications: Notifications) -> None:
    start = await notifications.log.position(ALICE)
    for version in (5, 6):
        await notifications.publish(1, version)
    notifications.version = 5
    deliveries = notifications.deliveries(None, start)
    assert await keys_of(deliveries, 1) == [(NotificationChangeKind.CHANGED, 6, 5)]


async def test_nothing_is_published_for_a_user_who_is_not_live(notifications: Notifications, redis: Redis) -> None:
    await notifications.publish(1, 1)
    assert await redis.keys() == []
