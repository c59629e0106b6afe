"""What MongoDB knows to be unfinished. A job in Redis may be lost; these marks can't, and the sweeper issues it again.

A tweet is its own mark for the timelines. Every other act leaves an entry, written by the transaction that makes the
change; those for notifications lie apart, since an act may have one of each sort.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from pymongo import ReplaceOne

from core.ids import TweetId, UserId, first_id_of, wall_ms
from datastore.jobs.jobs import FanOut, Job, Notify, Rebuild, TellCount, ViewChange, Withdraw, pack, unpack, view_change
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.records.items import ItemRecord

PENDING, DEAD = "pending", "dead"
NOTICES = "notices"
UNFINISHED_INDEX = "fanout_1__id_1"


class Outbox:
    """Entries are cleared by the worker that finished the job."""

    def __init__(self, mongo: Mongo) -> None:
        self._tweets = mongo.collection("tweets")
        self._entries = mongo.collection("outbox")
        self._notices = mongo.collection(NOTICES)

    async def add(self, session: Any, job: Job, *, was: ItemRecord | None = None) -> None:
        """Within the transaction of the act. What undoes an act takes the place of its notice.

        `was` is the item that the act deleted: who had it in their timeline is decided by it.
        """
        if isinstance(job, Notify | TellCount):
            notice = {"_id": job.act_id}
            await self._notices.replace_one(notice, {"job": pack(job)}, upsert=True, session=session)
        else:
            changed = view_change(job)
            entry: Document = {"_id": _entry_id(job), "job": pack(job)}
            if changed is not None:
                entry["reader"] = changed[0]
            if isinstance(job, Withdraw):
                entry["author"] = job.author_id
            if was is not None:
                entry["was"] = _pack_item(was)
            await self._entries.insert_one(entry, session=session)

    async def add_notices(self, session: Any, notices: Sequence[Notify]) -> None:
        """Within the transaction of several acts."""
        entries = [ReplaceOne({"_id": one.act_id}, {"job": pack(one)}, upsert=True) for one in notices]
        await self._notices.bulk_write(entries, ordered=False, session=session)

    async def finish(self, job: Job) -> None:
        with away_as_unavailable():
            match job:
                case FanOut():
                    await self._tweets.update_one(_pending(job), {"$unset": {"fanout": 1}})
                case Rebuild():
                    pass
                case Notify() | TellCount():  # unless the act was undone meanwhile
                    await self._notices.delete_one({"_id": job.act_id, "job": pack(job)})
                case _:
                    await self._entries.delete_one({"_id": _entry_id(job)})

    async def give_up(self, job: Job) -> None:
        """The job was laid aside: it is not issued again."""
        with away_as_unavailable():
            if isinstance(job, FanOut):
                await self._tweets.update_one(_pending(job), {"$set": {"fanout": DEAD}})
            else:
                await self.finish(job)

    async def unfinished(self, older_than_ms: int, limit: int) -> list[Job]:
        """Jobs of acts so many milliseconds ago that nobody has finished, oldest first, up to `limit` of each sort."""
        before = first_id_of(wall_ms() - older_than_ms)
        with away_as_unavailable():
            pending = self._tweets.find({"fanout": PENDING, "_id": {"$lt": before}}, _AUTHOR)
            posts = pending.sort("_id", 1).hint(UNFINISHED_INDEX).limit(limit)
            jobs: list[Job] = [_fan_out(row) async for row in posts]
            for collection in (self._entries, self._notices):
                entries = collection.find({"_id": {"$lt": before}}).sort("_id", 1).limit(limit)
                jobs += [job async for row in entries if (job := unpack(row["job"])) is not None]
            return jobs

    async def holds(self, job: Job) -> bool:
        """Whether the job is still to be done, and its act was done at all. Not for notices."""
        with away_as_unavailable():
            if isinstance(job, FanOut):
                found = await self._tweets.find_one(_pending(job), {"_id": 1})
            else:
                found = await self._entries.find_one({"_id": _entry_id(job)}, {"_id": 1})
        return found is not None

    async def deleted_by(self, act_id: int) -> ItemRecord | None:
        """What the act of an unfinished job deleted."""
        with away_as_unavailable():
            row = await self._entries.find_one({"_id": act_id}, {"was": 1})
        return None if row is None or "was" not in row else _unpack_item(row["was"])

    async def withdrawals_of(self, author: UserId) -> list[Withdraw]:
        """Unfinished ones of what this person wrote or retweeted, in the order of their acts."""
        with away_as_unavailable():
            entries = self._entries.find({"author": author}, {"job": 1}).sort("_id", 1)
            jobs = [unpack(row["job"]) async for row in entries]
        return [job for job in jobs if isinstance(job, Withdraw)]

    async def view_changes(self, readers: Sequence[UserId]) -> Mapping[UserId, dict[int, ViewChange]]:
        """By act, of acts whose jobs are unfinished; in the order of the acts."""
        found: dict[UserId, dict[int, ViewChange]] = {reader: {} for reader in readers}
        with away_as_unavailable():
            async for row in self._entries.find({"reader": {"$in": list(readers)}}).sort("_id", 1):
                job = unpack(row["job"])
                if job is not None and (changed := view_change(job)) is not None:
                    found[changed[0]][row["_id"]] = changed[1]
        return found

    async def posts_since(self, ms: int, after: int, limit: int) -> list[FanOut]:
        """Of items made since this instant and after this id, oldest first, finished or not."""
        query = {"_id": {"$gt": max(first_id_of(ms), after)}}
        with away_as_unavailable():
            found = self._tweets.find(query, _AUTHOR).sort("_id", 1).limit(limit)
            return [_fan_out(row) async for row in found]


_AUTHOR = {"author": 1}
_pack_item = msgspec.msgpack.Encoder().encode
_unpack_item: Callable[[bytes], ItemRecord] = msgspec.msgpack.Decoder(ItemRecord).decode


def _pending(job: FanOut) -> Document:
    """The post that is not fanned out yet; with its author, whose shard has it."""
    author = {} if job.author_id is None else {"author": job.author_id}
    return {"_id": job.item_id, **author, "fanout": PENDING}


def _fan_out(row: Document) -> FanOut:
    """With its author, so that what is issued again takes its turn among theirs."""
    return FanOut(TweetId(row["_id"]), UserId(row["author"]))


def _entry_id(job: Job) -> int:
    """The id of the act that the job finishes."""
    match job:
        case FanOut():
            raise TypeError("a post is its own mark, and has no entry")
        case Rebuild():
            raise TypeError("nobody's act asks for a rebuild")
        case _:
            return job.act_id
