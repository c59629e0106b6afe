"""Streams after a decision about a person: readers who are live are told what left their timelines, or came back."""

from collections.abc import AsyncIterator
from typing import Final

from core.ids import UserId
from datastore.jobs.jobs import ApplyDecision
from datastore.stores import Stores
from workers.timelines.earlier_acts import publish_earlier_acts
from workers.timelines.fanout_targets import target_pages
from workers.timelines.lists import tell_lists_of
from workers.timelines.protection import possible_readers, publish_unread_counts
from workers.timelines.visibility_diffs import publish_person_change

MOST_DIFFS: Final = 100
"""Readers whose timelines are compared; all others who are live are told to read again."""


async def publish_suspension(stores: Stores, job: ApplyDecision, user_id: UserId) -> None:
    """To followers, and to whom others brought the person's tweets. Does nothing if the job is finished."""
    await _publish(stores, job, user_id, _readers(stores, user_id, job.act_id))


async def publish_limit(stores: Stores, job: ApplyDecision, user_id: UserId) -> None:
    """To whom others brought the person's tweets; followers see no change. Does nothing if the job is finished."""
    await _publish(stores, job, user_id, possible_readers(stores, user_id, job.act_id))


async def _publish(stores: Stores, job: ApplyDecision, user_id: UserId, pages: AsyncIterator[list[UserId]]) -> None:
    if not await stores.jobs.outbox.is_pending(job):
        return
    await publish_earlier_acts(stores, user_id, job.act_id)
    await tell_lists_of(stores, job.act_id, [user_id])
    done: set[UserId] = set()
    async for page in pages:
        live = await stores.timelines.home_log.live_among([one for one in dict.fromkeys(page) if one not in done])
        few = live[: max(MOST_DIFFS - len(done), 0)]
        done.update(live)
        for reader in few:
            await publish_person_change(stores, reader, job.act_id)
        for reader in live[len(few) :]:
            await stores.timelines.home.publish_view_changes(reader, [job.act_id], [], has_added=True)
    await publish_unread_counts(stores, user_id)


async def _readers(stores: Stores, user_id: UserId, act_id: int) -> AsyncIterator[list[UserId]]:
    async for page in target_pages(stores, user_id):
        yield page
    async for page in possible_readers(stores, user_id, act_id):
        yield page
