"""Jobs for what acts whose document is their own outbox (datastore/mongo/acts.py) have left to be done."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.ids import UserId
from datastore.jobs.jobs import ActKind, Job, Merge, Notify, Unmerge, ViewChange, ViewChangeKind
from datastore.mongo.acts import UNDONE, delete_finished
from datastore.mongo.client import Document, Mongo

_COLLECTION_OF: Mapping[ActKind, str] = {
    ActKind.LIKE: "likes",
    ActKind.FOLLOW: "follows",
    ActKind.RETWEET: "tweets",
    ActKind.POST: "tweets",
}
_UNTOLD: Mapping[str, Document] = {
    "likes": {"user": 1, "target": 1},
    "follows": {"follower": 1, "followee": 1},
    "tweets": {"author": 1, "retweet_of": 1},
    UNDONE: {"kind": 1, "user": 1, "target": 1},
}


def is_own_outbox(job: Notify) -> bool:
    """Whether the act's token is the field `untold` of its own document, or of its document of `undone_acts`."""
    return token_collection(job) is not None


def token_collection(job: Notify) -> str | None:
    """The collection of the document with the token; None where it is an entry of the outbox."""
    if job.is_undone:
        return UNDONE if job.kind in (ActKind.LIKE, ActKind.FOLLOW) else None
    return _COLLECTION_OF.get(job.kind)


class ActOutbox:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._follows, self._undone = mongo.collection("follows"), mongo.collection(UNDONE)
        self._entries = mongo.collection("outbox")

    async def finish(self, job: Merge | Unmerge) -> None:
        """An undoing finishes the follow that it undid, too."""
        if isinstance(job, Unmerge):
            await self._undone.update_one({"_id": job.act_id}, _MERGED)
            await delete_finished(self._mongo, [job.act_id])
            return
        found = await self._follows.update_one({"_id": job.act_id, "followee": job.followee_id}, _MERGED)
        if not found.matched_count:
            await self._undone.update_one(
                {"reader": job.follower_id, "unmerged": job.act_id}, {"$pull": {"unmerged": job.act_id}}
            )
        await self._entries.delete_one({"_id": job.act_id})  # of a request that was accepted

    async def give_up(self, job: Notify) -> None:
        collection = token_collection(job)
        if collection is not None:
            await self._mongo.collection(collection).update_one({"_id": job.act_id}, {"$unset": {"untold": 1}})
        if collection == UNDONE:
            await delete_finished(self._mongo, [job.act_id])

    async def unfinished(self, before: int, limit: int) -> list[Job]:
        """Jobs of acts with ids below `before`, up to `limit` of each sort."""
        jobs: list[Job] = []
        for name, fields in _UNTOLD.items():
            query = {"untold": {"$gt": 0, "$lt": before}}
            found = self._mongo.collection(name).find(query, fields | {"untold": 1}).sort("untold", 1).limit(limit)
            jobs += [_notify(name, row) async for row in found]
        query = {"reader": {"$gt": 0}, "unmerged": {"$gt": 0, "$lt": before}}
        async for row in self._follows.find(query).limit(limit):
            jobs.append(Merge(row["_id"], row["follower"], row["followee"]))
        async for row in self._undone.find(query).limit(limit):
            jobs.append(Unmerge(row["_id"], row["user"], row["target"]))
        return jobs

    async def view_changes(self, readers: Sequence[UserId]) -> list[tuple[int, UserId, ViewChange]]:
        """Act id, reader and change, of follows and unfollows that the readers' timelines do not follow yet."""
        query = {"reader": {"$in": list(readers)}, "unmerged": {"$gt": 0}}
        changes = [
            (row["_id"], UserId(row["reader"]), ViewChange(ViewChangeKind.FOLLOWED, row["followee"]))
            async for row in self._follows.find(query, {"reader": 1, "followee": 1})
        ]
        async for row in self._undone.find(query):
            for act_id in row["unmerged"]:
                kind = ViewChangeKind.FOLLOWED if act_id == row["act"] else ViewChangeKind.UNFOLLOWED
                changes.append((act_id, UserId(row["reader"]), ViewChange(kind, row["target"])))
        return changes


_MERGED: Document = {"$unset": {"unmerged": 1, "reader": 1}}


def _notify(collection: str, row: Mapping[str, Any]) -> Notify:
    match collection:
        case "likes":
            return Notify(row["_id"], ActKind.LIKE, row["user"], row["target"])
        case "follows":
            return Notify(row["_id"], ActKind.FOLLOW, row["follower"], row["followee"])
        case "tweets" if row.get("retweet_of") is not None:
            return Notify(row["_id"], ActKind.RETWEET, row["author"], row["retweet_of"])
        case "tweets":
            return Notify(row["_id"], ActKind.POST, row["author"])
        case _:
            return Notify(row["_id"], ActKind(row["kind"]), row["user"], row["target"], is_undone=True)
