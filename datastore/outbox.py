"""What MongoDB knows to be unfinished. A job in Redis may be lost; these marks can't, and the sweeper issues it again.

A tweet is its own mark for the timelines. Every other act leaves an entry, written by the transaction that makes the
change; those for notifications lie apart, since an act may have one of each sort.
"""

from collections.abc import Sequence
from typing import Any

from pymongo import ReplaceOne

from core.ids import TweetId, first_id_of, wall_ms
from datastore.jobs import FanOut, Job, Notify, Rebuild, TellCount, pack, unpack
from datastore.mongo import Mongo, away_as_unavailable

PENDING, DEAD = "pending", "dead"
NOTICES = "notices"
UNFINISHED_INDEX = "fanout_1__id_1"


class Outbox:
    """Entries are cleared by the worker that finished the job."""

    def __init__(self, mongo: Mongo) -> None:
        self._tweets = mongo.collection("tweets")
        self._entries = mongo.collection("outbox")
        self._notices = mongo.collection(NOTICES)

    async def add(self, session: Any, job: Job) -> None:
        """Within the transaction of the act. What undoes an act takes the place of its notice."""
        if isinstance(job, Notify | TellCount):
            entry = {"_id": job.act_id}
            await self._notices.replace_one(entry, {"job": pack(job)}, upsert=True, session=session)
        else:
            await self._entries.insert_one({"_id": _entry_id(job), "job": pack(job)}, session=session)

    async def add_notices(self, session: Any, notices: Sequence[Notify]) -> None:
        """Within the transaction of several acts."""
        entries = [ReplaceOne({"_id": one.act_id}, {"job": pack(one)}, upsert=True) for one in notices]
        await self._notices.bulk_write(entries, ordered=False, session=session)

    async def finish(self, job: Job) -> None:
        with away_as_unavailable():
            match job:
                case FanOut(item_id=item_id):
                    await self._tweets.update_one({"_id": item_id, "fanout": PENDING}, {"$unset": {"fanout": 1}})
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
                await self._tweets.update_one({"_id": job.item_id, "fanout": PENDING}, {"$set": {"fanout": DEAD}})
            else:
                await self.finish(job)

    async def unfinished(self, older_than_ms: int, limit: int) -> list[Job]:
        """Jobs of acts so many milliseconds ago that nobody has finished, oldest first, up to `limit` of each sort."""
        before = first_id_of(wall_ms() - older_than_ms)
        with away_as_unavailable():
            pending = self._tweets.find({"fanout": PENDING, "_id": {"$lt": before}}, {"_id": 1})
            posts = pending.sort("_id", 1).hint(UNFINISHED_INDEX).limit(limit)
            jobs: list[Job] = [FanOut(TweetId(row["_id"])) async for row in posts]
            for collection in (self._entries, self._notices):
                entries = collection.find({"_id": {"$lt": before}}).sort("_id", 1).limit(limit)
                jobs += [job async for row in entries if (job := unpack(row["job"])) is not None]
            return jobs

    async def posts_since(self, ms: int, after: int, limit: int) -> list[TweetId]:
        """Items made since this instant and after this id, oldest first, finished or not."""
        query = {"_id": {"$gt": max(first_id_of(ms), after)}}
        with away_as_unavailable():
            found = self._tweets.find(query, {"_id": 1}).sort("_id", 1).limit(limit)
            return [TweetId(row["_id"]) async for row in found]


def _entry_id(job: Job) -> int:
    """The id of the act that the job finishes."""
    match job:
        case FanOut():
            raise TypeError("a post is its own mark, and has no entry")
        case Rebuild():
            raise TypeError("nobody's act asks for a rebuild")
        case _:
            return job.act_id
