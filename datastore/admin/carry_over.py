"""Carries notices over into the documents of their acts, which are their own outbox (datastore/mongo/acts.py)."""

from datastore.jobs.act_outbox import token_collection
from datastore.jobs.jobs import Notify, unpack
from datastore.jobs.outbox import NOTIFY_ENTRIES
from datastore.mongo.acts import UNDONE
from datastore.mongo.client import Mongo, away_as_unavailable


async def carry_notices_over(mongo: Mongo) -> None:
    """Safe to repeat, and beside readers and writers."""
    notices = mongo.collection(NOTIFY_ENTRIES)
    with away_as_unavailable():
        async for row in notices.find({}):
            job = unpack(row["job"])
            if isinstance(job, Notify) and (collection := token_collection(job)) is not None:
                await _set_token(mongo, collection, job)
                await notices.delete_one({"_id": row["_id"], "job": row["job"]})


async def _set_token(mongo: Mongo, collection: str, job: Notify) -> None:
    token = {"untold": job.act_id}
    if collection == UNDONE:
        undone = {"kind": job.kind, "act": job.act_id, "user": job.actor_id, "target": job.target, **token}
        await mongo.collection(UNDONE).update_one({"_id": job.act_id}, {"$setOnInsert": undone}, upsert=True)
    else:
        await mongo.collection(collection).update_one({"_id": job.act_id}, {"$set": token})
