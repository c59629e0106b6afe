"""Handler of the queue of pushes: tells devices of notifications two seconds after they came, unless they were read.

What a device is told is judged as it is sent. A push leaves once, but for a worker that dies between the service's yes
and the note of it: then the device shows the same notification again in its own place.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final, TypeAlias

from core.errors import UnavailableError
from core.ids import UserId, ms_of, wall_ms
from core.push.keys import VapidKeys
from core.runtime.metrics import WEB_PUSH_DELAY_SECONDS, WEB_PUSHES
from core.settings import Settings, Switch
from datastore.cache.batcher import Batcher
from datastore.jobs.jobs import Job, SendPush
from datastore.jobs.pushes import Deferred, Finished, PushRecord
from datastore.jobs.routing import PUSH
from datastore.notifications.actors import ActRange
from datastore.notifications.reader import NotificationAudience
from datastore.notifications.visible import Notification
from datastore.push.subscriptions import PushSubscriptionRecord
from datastore.stores import Stores
from datastore.users.viewpoint_records import Viewpoint
from workers.consumer.backoff import Backoff
from workers.consumer.runner import CLAIM_IDLE_MS, Runner
from workers.push.messages import PushMessage, message_of
from workers.push.sender import Answer, Outcome, PushSender, open_sender

AT_ONCE: Final = 2_000
MOST_REFUSALS: Final = 10
"""A device is told of nothing more after so many refusals without a push that was taken between them."""
_LONGEST_WAIT_MS: Final = 5_000
_FIRST_REST_MS, _LONGEST_REST_MS = 15_000, 600_000
_BATCH: Final = 200
# Queries of one batch run at once; more would wait for a connection to the database.
_FEW: Final = 16
_DEFAULT_SUBJECT: Final = "mailto:rookery@localhost.localdomain"
_Key: TypeAlias = tuple[UserId, int]
_Seen: TypeAlias = tuple[Viewpoint, Notification | None]


async def run(stores: Stores, settings: Settings, stop: asyncio.Event, *, claim_idle_ms: int = CLAIM_IDLE_MS) -> None:
    """Until `stop` is set."""
    keys = await _keys(stores, stop)
    if keys is None:
        return
    allows_loopback = settings.push_to_loopback is Switch.ON
    async with open_sender(keys, subject_of(settings), allows_loopback=allows_loopback) as sender:
        worker = PushWorker(stores, sender, keys.public_text)
        runner = Runner(stores.jobs, PUSH, worker.handle, claim_idle_ms=claim_idle_ms, at_once=AT_ONCE)
        await runner.run(stop)


async def _keys(stores: Stores, stop: asyncio.Event) -> VapidKeys | None:
    """None if `stop` is set before the database answers."""
    backoff = Backoff(stop)
    while not stop.is_set():
        try:
            return await stores.push.vapid_keys.get()
        except UnavailableError as error:
            await backoff.wait_after(error)
    return None


def subject_of(settings: Settings) -> str:
    """How push services reach the operator: an address of mail, or the page's own."""
    if settings.mail_from is not None:
        return f"mailto:{settings.mail_from}"
    is_public = settings.public_url is not None and settings.public_url.startswith("https:")
    return (settings.public_url or "") if is_public else _DEFAULT_SUBJECT


class PushWorker:
    def __init__(self, stores: Stores, sender: PushSender, server_key: str) -> None:
        self._stores, self._sender, self._server_key = stores, sender, server_key
        self._pushes = stores.jobs.outbox.pushes
        self._take = Batcher(self._pushes.take, _BATCH, at_once=2)
        self._conclude = Batcher(self._pushes.conclude, _BATCH, at_once=2)
        self._subscription = Batcher(stores.push.subscriptions.get_many, _BATCH, at_once=2)
        self._seen = Batcher(partial(_seen, stores), _BATCH, at_once=2)
        self._acting = Batcher(stores.notifications.actors.between, _FEW, at_once=2)

    async def handle(self, job: Job) -> None:
        """A push that is due much later is left to the sweeper."""
        if not isinstance(job, SendPush):
            raise TypeError(f"no job of this queue: {job!r}")
        wait_ms = job.due_ms - wall_ms()
        if wait_ms > _LONGEST_WAIT_MS:
            return
        await asyncio.sleep(max(wait_ms, 0) / 1000)
        push = await self._take(job)
        if push is not None:
            await self._tell(push)

    async def _tell(self, push: PushRecord) -> None:
        subscription = await self._subscription(push.job.subscription_id)
        if subscription is None or subscription.user_id != push.user_id:
            await self._pushes.delete(push.job)
            return
        if subscription.rests_until > wall_ms():
            WEB_PUSHES.labels(Outcome.PUT_OFF).inc()
            await self._conclude(Deferred(push, subscription.rests_until))
            return
        answer = await self._sender.send(subscription, partial(self._message, push, subscription))
        WEB_PUSHES.labels(answer.outcome).inc()
        await self._judge(push, subscription, answer)

    async def _message(self, push: PushRecord, subscription: PushSubscriptionRecord) -> PushMessage | None:
        """None where the device is to hear of nothing: it was read, or nobody acted since of whom it is told."""
        view, notification = await self._seen((push.user_id, push.job.group_id))
        if notification is None:
            return None
        record, audience = notification.record, subscription.audience(notification.record.kind)
        is_new = record.last > push.told and not record.is_read
        if not is_new or audience is NotificationAudience.NOBODY or subscription.server_key != self._server_key:
            return None
        if not record.kind.is_of_act:
            return message_of(notification, ())
        actors = notification.actors
        if push.told:
            acting = await self._acting(ActRange(record.id, push.told, record.last))
            actors = tuple(actor for actor in actors if actor.id in acting)
        if audience is NotificationAudience.FOLLOWING:
            actors = tuple(actor for actor in actors if actor.id in view.followees)
        return message_of(notification, actors) if actors else None

    async def _judge(self, push: PushRecord, subscription: PushSubscriptionRecord, answer: Answer) -> None:
        store, retry_ms = self._stores.push.subscriptions, int(answer.retry_seconds * 1000)
        match answer.outcome:
            case Outcome.SENT:
                WEB_PUSH_DELAY_SECONDS.observe(max(wall_ms() - ms_of(answer.told), 0) / 1000)
                await self._conclude(Finished(push, answer.told))
                if subscription.failures:
                    await store.note_success(subscription.id)
            case Outcome.SILENT:
                await self._conclude(Finished(push, push.told))
            case Outcome.PUT_OFF:
                await self._conclude(Deferred(push, wall_ms() + retry_ms))
            case Outcome.FAILED:
                rests_ms = max(retry_ms, _rest_ms(subscription.failures))
                await store.note_failure(subscription.id, subscription.endpoint, rests_ms)
                await self._conclude(Deferred(push, wall_ms() + rests_ms))
            case Outcome.REFUSED if subscription.refusals + 1 < MOST_REFUSALS:
                rests_ms = _rest_ms(subscription.failures)
                await store.note_failure(subscription.id, subscription.endpoint, rests_ms, is_refusal=True)
                await self._conclude(Finished(push, push.told))
            case _:
                await store.delete_endpoint(subscription.id, subscription.endpoint)
                await self._pushes.delete(push.job)


async def _seen(stores: Stores, keys: Sequence[_Key]) -> list[_Seen]:
    """Each group as its reader may see it now, in the order given; several devices ask for one."""
    users = list(dict.fromkeys(user_id for user_id, _ in keys))
    views = dict(zip(users, await stores.users.viewpoints.get_many(users), strict=True))
    groups = {user_id: sorted({group for one, group in keys if one == user_id}) for user_id in users}
    found = await asyncio.gather(*[_of_reader(stores, views[user_id], groups[user_id]) for user_id in users])
    shown = dict(zip(users, found, strict=True))
    return [(views[user_id], shown[user_id].get(group)) for user_id, group in keys]


async def _of_reader(stores: Stores, view: Viewpoint, groups: Sequence[int]) -> dict[int, Notification | None]:
    reader, visible = stores.notifications.reader, stores.notifications.visible
    records = await reader.get_many(view.user_id, groups, without=view.unwelcome)
    seen = await visible.among(view, records)
    return {record.id: one for record, one in zip(records, seen, strict=True)}


def _rest_ms(failures: int) -> int:
    return min(_FIRST_REST_MS << min(failures, 10), _LONGEST_REST_MS)
