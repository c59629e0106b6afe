"""Jobs for what acts whose document is their own outbox (datastore/mongo/acts.py) have left to be done."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeGuard

from core.ids import UserId
from datastore.jobs.acts import ActKind, ViewChange, ViewChangeKind
from datastore.jobs.jobs import Job, Merge, Notify, PublishViewChange, Unmerge, view_change
from datastore.mongo.acts import UNDONE, delete_finished
from datastore.mongo.client import Document, Mongo

ViewJob: TypeAlias = Merge | Unmerge | PublishViewChange
_COLLECTION_OF: Mapping[ActKind, str] = {
    ActKind.LIKE: "likes",
    ActKind.FOLLOW: "follows",
    ActKind.RETWEET: "tweets",
    ActKind.POST: "tweets",
}
_UNDONE_WITH_TOKEN = (ActKind.LIKE, ActKind.FOLLOW, ActKind.RETWEET)
_UNTOLD: Mapping[str, Document] = {
    "likes": {"user": 1, "target": 1},
    "follows": {"follower": 1, "followee": 1},
    "tweets": {"author": 1, "retweet_of": 1},
    UNDONE: {"kind": 1, "user": 1, "target": 1},
}


class _ViewAct(NamedTuple):
    """Edges that change the viewpoint of their `actor`; `sharded_by` is the end that the shard key begins with."""

    collection: str
    actor: str
    other: str
    sharded_by: str
    done: ViewChangeKind
    undone: ViewChangeKind


_VIEW_ACTS: Mapping[ActKind, _ViewAct] = {
    ActKind.FOLLOW: _ViewAct(
        "follows", "follower", "followee", "followee", ViewChangeKind.FOLLOWED, ViewChangeKind.UNFOLLOWED
    ),
    ActKind.MUTE: _ViewAct("mutes", "user", "target", "user", ViewChangeKind.MUTED, ViewChangeKind.UNMUTED),
}
_ACT_OF: Mapping[ViewChangeKind, _ViewAct] = {
    kind: act for act in _VIEW_ACTS.values() for kind in (act.done, act.undone)
}


def is_own_outbox(job: Notify) -> bool:
    """Whether the act's token is the field `untold` of its own document, or of its document of `undone_acts`."""
    return token_collection(job) is not None


def token_collection(job: Notify) -> str | None:
    """The collection of the document with the token; None where it is an entry of the outbox."""
    if job.is_undone:
        return UNDONE if job.kind in _UNDONE_WITH_TOKEN else None
    return _COLLECTION_OF.get(job.kind)


def is_view_act(job: Job) -> TypeGuard[ViewJob]:
    """Whether the job tells a timeline of an act whose document is its own outbox."""
    changed = view_change(job)
    return changed is not None and changed[1].kind in _ACT_OF


async def delete_entries(entries: Any, act_ids: Sequence[int]) -> None:
    if act_ids:
        await entries.delete_many({"_id": {"$in": list(act_ids)}})


class ActOutbox:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._undone, self._entries = mongo.collection(UNDONE), mongo.collection("outbox")

    async def finish(self, jobs: Sequence[ViewJob]) -> None:
        """For jobs of which `is_view_act`. An undoing finishes the act that it undid, too."""
        undone = list[int]()
        done: dict[_ViewAct, list[tuple[int, UserId, UserId]]] = {act: [] for act in _VIEW_ACTS.values()}
        for job in jobs:
            if (changed := view_change(job)) is not None:
                reader, change = changed
                act = _ACT_OF[change.kind]
                if change.kind is act.undone:
                    undone.append(job.act_id)
                else:
                    done[act].append((job.act_id, reader, change.other))
        for act, some in done.items():
            await self._finish_done(act, some)
        if undone:
            async with self._mongo.batch_turns.over(UNDONE):
                await self._undone.update_many({"_id": {"$in": undone}}, _MERGED)
                await delete_finished(self._mongo, undone)
        # An accepted follow request has an entry.
        await delete_entries(self._entries, [job.act_id for job in jobs if not isinstance(job, Unmerge)])

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
        for act in _VIEW_ACTS.values():
            rows = self._mongo.collection(act.collection).find(query).limit(limit)
            jobs += [_view_job(row["_id"], row["reader"], ViewChange(act.done, row[act.other])) async for row in rows]
        async for row in self._undone.find(query).limit(limit):
            jobs.append(_view_job(row["_id"], row["reader"], ViewChange(_act_of(row).undone, row["target"])))
        return jobs

    async def view_changes(self, readers: Sequence[UserId]) -> list[tuple[int, UserId, ViewChange]]:
        """Act id, reader and change, of acts done and undone that the readers' timelines do not follow yet."""
        query = {"reader": {"$in": list(readers)}, "unmerged": {"$gt": 0}}
        changes: list[tuple[int, UserId, ViewChange]] = []
        for act in _VIEW_ACTS.values():
            rows = self._mongo.collection(act.collection).find(query, {"reader": 1, act.other: 1})
            changes += [(row["_id"], row["reader"], ViewChange(act.done, row[act.other])) async for row in rows]
        async for row in self._undone.find(query):
            act = _act_of(row)
            for act_id in row["unmerged"]:
                kind = act.done if act_id == row["act"] else act.undone
                changes.append((act_id, UserId(row["reader"]), ViewChange(kind, row["target"])))
        return changes

    async def unfollowers(self, followees: Sequence[UserId]) -> list[UserId]:
        """Readers who unfollowed one of them, while their timeline does not follow that yet."""
        query = {"target": {"$in": list(followees)}, "unmerged": {"$gt": 0}, "kind": str(ActKind.FOLLOW)}
        return [UserId(row["reader"]) async for row in self._undone.find(query, {"reader": 1})]

    async def _finish_done(self, act: _ViewAct, jobs: Sequence[tuple[int, UserId, UserId]]) -> None:
        """`jobs`: act id, actor and other user of each. Acts that were undone meanwhile stand in their undoing."""
        if not jobs:
            return
        act_ids, actors, others = ([*some] for some in zip(*jobs, strict=True))
        which = {"_id": {"$in": act_ids}, act.sharded_by: {"$in": actors if act.sharded_by == act.actor else others}}
        async with self._mongo.batch_turns.over(act.collection):
            found = await self._mongo.collection(act.collection).update_many(which, _MERGED)
        if found.matched_count < len(jobs):
            of_undone = {"reader": {"$in": actors}, "unmerged": {"$in": act_ids}}
            await self._undone.update_many(of_undone, {"$pullAll": {"unmerged": act_ids}})


_MERGED: Document = {"$unset": {"unmerged": 1, "reader": 1}}


def _act_of(undone: Mapping[str, Any]) -> _ViewAct:
    return _VIEW_ACTS[ActKind(undone["kind"])]


def _view_job(act_id: int, reader: UserId, change: ViewChange) -> Job:
    match change.kind:
        case ViewChangeKind.FOLLOWED:
            return Merge(act_id, reader, change.other)
        case ViewChangeKind.UNFOLLOWED:
            return Unmerge(act_id, reader, change.other)
        case _:
            return PublishViewChange(act_id, reader, change)


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
