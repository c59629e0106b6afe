"""Handler of decisions: caches and streams follow what the transaction of a decision, or of its end, wrote."""

import asyncio

from core.moderation import SubjectKind
from datastore.jobs.jobs import ApplyDecision, Job
from datastore.jobs.routing import MODERATION
from datastore.stores import Stores
from workers.consumer.runner import CLAIM_IDLE_MS, Runner
from workers.moderation.expiry import revoke_expired
from workers.moderation.people import apply_to_person
from workers.moderation.tweets import apply_to_tweet


async def run(stores: Stores, stop: asyncio.Event, *, claim_idle_ms: int = CLAIM_IDLE_MS) -> None:
    """Until `stop` is set. Any number may run."""

    async def handle_job(job: Job) -> None:
        await handle(stores, job)

    async with asyncio.TaskGroup() as group:
        group.create_task(Runner(stores.jobs, MODERATION, handle_job, claim_idle_ms=claim_idle_ms).run(stop))
        group.create_task(revoke_expired(stores, stop))


async def handle(stores: Stores, job: Job) -> None:
    """May run twice: it reads what stands now, and makes the rest follow."""
    if not isinstance(job, ApplyDecision):
        raise TypeError(f"no job of this queue: {job!r}")
    decision = await stores.moderation.decisions.get(job.decision_id)
    if decision is None:
        return
    if decision.subject.kind is SubjectKind.TWEET:
        await apply_to_tweet(stores, job, decision)
    else:
        await apply_to_person(stores, job, decision)
