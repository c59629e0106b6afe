"""Decisions about people: what follows once their document says that one stands, or stands no more."""

from datastore.jobs.jobs import ApplyDecision
from datastore.moderation.records import DecisionRecord
from datastore.stores import Stores


async def apply_to_person(stores: Stores, job: ApplyDecision, decision: DecisionRecord) -> None:  # noqa: ARG001 - a seam
    """`job.act_id` is that of the decision, or of its end. May run twice, and after a later decision."""
    await stores.users.accounts.invalidate(decision.person_id)
