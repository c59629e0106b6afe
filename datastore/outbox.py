"""What MongoDB knows to be unfinished. A job in Redis may be lost; these marks can't, and the sweeper issues it again.

A tweet is its own mark. Every other act leaves an entry, written by the transaction that makes the change.
"""

from typing import Any

from core.ids import TweetId, first_id_of, wall_ms
from datastore.jobs import FanOut, Job, Rebuild, pack, unpack
from datastore.mongo import Mongo, away_as_unavailable

PENDING, DEAD = "pending", "dead"
UNFINISHED_INDEX = "fanout_1__id_1"


class Outbox:
    """Entries are cleared by the worker that finished the job."""

    def __init__(self, mongo: Mongo) -> None:
        self._tweets = mongo.collection("tweets")
        self._entries = mongo.collection("outbox")

    async def add(self, session: Any, job: Job) -> None:
        """Within the transaction of the act."""
        await self._entries.insert_one({"_id": _entry_id(job), "job": pack(job)}, session=session)

    async def finish(self, job: Job) -> None:
        with away_as_unavailable():
            match job:
                case FanOut(item_id=item_id):
                    await self._tweets.update_one({"_id": item_id, "fanout": PENDING}, {"$unset": {"fanout": 1}})
                case Rebuild():
                    pass
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
            entries = self._entries.find({"_id": {"$lt": before}}).sort("_id", 1).limit(limit)
            return jobs + [job async for row in entries if (job := unpack(row["job"])) is not None]

    async def posts_since(self, ms: int, after: int, limit: int) -> list[TweetId]:
        """Items made since this instant and after this id, oldest first, finished or not."""
        query = {"_id": {"$gt": max(first_id_of(ms), after)}}
        with away_as_unavailable():
            found = self._tweets.find(query, {"_id": 1}).sort("_id", 1).limit(limit)
            return [TweetId(row["_id"]) async for row in found]


def act_of(job: Job) -> int:
    """The id of the act that the job finishes."""
    match job:
        case FanOut(item_id=item_id):
            return item_id
        case Rebuild():
            raise TypeError("nobody's act asks for a rebuild")
        case _:
            return job.act_id


def _entry_id(job: Job) -> int:
    if isinstance(job, FanOut):
        raise TypeError("a post is its own mark, and has no entry")
    return act_of(job)
