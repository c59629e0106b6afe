"""Transactional outbox in MongoDB. A job in Redis may be lost; the sweeper issues it again from its outbox entry.

For its fan-out a tweet is its own entry, by its field `fanout`. Every other act inserts an entry in its transaction.
Notification jobs lie in a collection of their own, since an act may leave one entry of each sort.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeGuard

import msgspec
from pymongo import DeleteOne

from core.ids import TweetId, UserId, first_id_of, wall_ms
from datastore.jobs.act_outbox import ActOutbox, delete_entries, is_own_outbox, is_view_act
from datastore.jobs.acts import ViewChange, ViewChangeKind
from datastore.jobs.change_outbox import ChangeOutbox, fields_of_change
from datastore.jobs.jobs import (
    BuildList,
    FanOut,
    Job,
    Merge,
    Notify,
    PublishUnreadCount,
    PublishViewChange,
    Rebuild,
    Retract,
    SendMail,
    SendPush,
    Unmerge,
    pack,
    unpack,
    view_change,
)
from datastore.jobs.mails import MailOutbox
from datastore.jobs.pushes import PushOutbox
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.records.items import ItemRecord, TweetRecord

PENDING, DEAD = "pending", "dead"
ENTRIES = "outbox"
NOTIFY_ENTRIES = "notices"
UNFINISHED_INDEX = "fanout_1__id_1"


class Outbox:
    """The worker that finishes a job clears its entry."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo, self._tweets = mongo, mongo.collection("tweets")
        self._entries = mongo.collection(ENTRIES)
        self._notices = mongo.collection(NOTIFY_ENTRIES)
        self._acts = ActOutbox(mongo)
        self.mails, self.pushes = MailOutbox(mongo), PushOutbox(mongo)
        self.changes = ChangeOutbox(self._entries)

    async def add(
        self, session: Any, job: Job, *, was: ItemRecord | None = None, became: ItemRecord | None = None
    ) -> None:
        """Adds the job's entry within the transaction of its act. A Notify that undoes an act replaces its first one.

        Without a `session` the entry is an act of its own. `was` is the item that the act deleted or edited: it tells
        which timelines had it. `became`: what an edit made.
        """
        if isinstance(job, Notify | PublishUnreadCount):
            notice = {"_id": job.act_id}
            await self._notices.replace_one(notice, {"job": pack(job)}, upsert=True, session=session)
        else:
            await self._entries.insert_one(entry_of(job, was, became), session=session)

    async def finish(self, job: Job) -> None:
        """Notify jobs of acts that are their own outbox are finished by the transaction that runs them.

        The worker deletes a mail as soon as the mail server has taken it, or defers it; pushes likewise.
        """
        with away_as_unavailable():
            match job:
                case FanOut():
                    await self._tweets.update_one(_pending(job), {"$unset": {"fanout": 1}})
                case Rebuild() | SendMail() | SendPush() | BuildList():
                    pass
                case Merge() | Unmerge() | PublishViewChange() if is_view_act(job):
                    await self._acts.finish([job])
                case Notify() | PublishUnreadCount():  # kept if the act was undone meanwhile
                    await self._notices.delete_one({"_id": job.act_id, "job": pack(job)})
                case _:
                    await self._entries.delete_one({"_id": _entry_id(job)})

    async def finish_notifications(self, jobs: Sequence[Job]) -> None:
        """As `finish`, for jobs of notifications, by one command. Entries are kept whose act was undone meanwhile."""
        entries = [DeleteOne({"_id": job.act_id, "job": pack(job)}) for job in jobs if has_entry(job)]
        if entries:
            with away_as_unavailable():
                await self._notices.bulk_write(entries, ordered=False)

    async def finish_many(self, jobs: Sequence[Job]) -> None:
        """As `finish`; posts whose author is known, retractions, follows and mutes by one command of each sort."""
        posts = [job for job in jobs if isinstance(job, FanOut) and job.author_id is not None]
        acts = [job for job in jobs if is_view_act(job)]
        retractions = [job for job in jobs if isinstance(job, Retract)]
        if posts:
            ids, authors = [job.item_id for job in posts], [job.author_id for job in posts]
            query = {"_id": {"$in": ids}, "author": {"$in": authors}, "fanout": PENDING}
            with away_as_unavailable():
                async with self._mongo.batch_turns.over("tweets"):
                    await self._tweets.update_many(query, {"$unset": {"fanout": 1}})
        if acts or retractions:
            with away_as_unavailable():
                await self._acts.finish(acts)
                await delete_entries(self._entries, [job.act_id for job in retractions])
        done = {*posts, *acts, *retractions}
        await asyncio.gather(*[self.finish(job) for job in jobs if job not in done])

    async def give_up(self, job: Job) -> None:
        """Marks a job that went to the dead letters, so that it is not issued again."""
        with away_as_unavailable():
            if isinstance(job, FanOut):
                await self._tweets.update_one(_pending(job), {"$set": {"fanout": DEAD}})
                return
            if isinstance(job, Notify):
                await self._acts.give_up(job)
        if isinstance(job, SendMail):
            await self.mails.delete(job.act_id)
        if isinstance(job, SendPush):
            await self.pushes.delete(job)
        await self.finish(job)

    async def unfinished(self, older_than_ms: int, limit: int) -> list[Job]:
        """Unfinished jobs of acts at least `older_than_ms` ago, oldest first, up to `limit` of each sort."""
        before = first_id_of(wall_ms() - older_than_ms)
        with away_as_unavailable():
            pending = self._tweets.find({"fanout": PENDING, "_id": {"$lt": before}}, _AUTHOR)
            posts = pending.sort("_id", 1).hint(UNFINISHED_INDEX).limit(limit)
            jobs: list[Job] = [_fan_out(row) async for row in posts]
            for collection in (self._entries, self._notices):
                entries = collection.find({"_id": {"$lt": before}}).sort("_id", 1).limit(limit)
                jobs += [job async for row in entries if (job := unpack(row["job"])) is not None]
            for late in (self.mails, self.pushes):
                jobs += await late.overdue(wall_ms() - older_than_ms, limit)
            return [*jobs, *await self._acts.unfinished(before, limit)]

    async def late_entries(self, older_than_ms: int, limit: int) -> list[Job]:
        """The oldest unfinished jobs that have an entry, but no jobs of notifications, of acts so long ago."""
        query = {"_id": {"$lt": first_id_of(wall_ms() - older_than_ms)}}
        with away_as_unavailable():
            entries = self._entries.find(query, {"job": 1}).sort("_id", 1).limit(limit)
            return [job async for row in entries if (job := unpack(row["job"])) is not None]

    async def is_pending(self, job: Job) -> bool:
        """Whether the act was committed and its job is unfinished. For jobs of tweets, timelines and accounts."""
        with away_as_unavailable():
            if isinstance(job, FanOut):
                found = await self._tweets.find_one(_pending(job), {"_id": 1})
            else:
                found = await self._entries.find_one({"_id": _entry_id(job)}, {"_id": 1})
        return found is not None

    async def deleted_item(self, act_id: int) -> ItemRecord | None:
        """The item that the act of an unfinished job deleted; None if there is none."""
        with away_as_unavailable():
            row = await self._entries.find_one({"_id": act_id}, {"was": 1})
        return None if row is None or "was" not in row else _unpack_item(row["was"])

    async def edited_item(self, act_id: int) -> tuple[TweetRecord, TweetRecord] | None:
        """The tweet before and after the edit of an unfinished job; None if that is finished."""
        with away_as_unavailable():
            row = await self._entries.find_one({"_id": act_id}, {"was": 1, "became": 1})
        if row is None:
            return None
        was, became = _unpack_item(row["was"]), _unpack_item(row["became"])
        return (was, became) if isinstance(was, TweetRecord) and isinstance(became, TweetRecord) else None

    async def leavers(self, authors: Sequence[UserId], tags: Sequence[str]) -> list[UserId]:
        """Readers who unfollowed one of the authors or hashtags by an act whose job is unfinished."""
        with away_as_unavailable():
            readers = set(await self._acts.unfollowers(authors))
            if tags:
                async for row in self._entries.find({"left": {"$in": list(tags)}}, {"reader": 1}):
                    readers.add(UserId(row["reader"]))
        return sorted(readers)

    async def view_changes(self, readers: Sequence[UserId]) -> Mapping[UserId, dict[int, ViewChange]]:
        """For each reader, changes by unfinished jobs: act id to change, oldest act first."""
        changes: list[tuple[int, UserId, ViewChange]] = []
        with away_as_unavailable():
            async for row in self._entries.find({"reader": {"$in": list(readers)}}):
                job = unpack(row["job"])
                if job is not None and (changed := view_change(job)) is not None:
                    changes.append((row["_id"], *changed))
            changes += await self._acts.view_changes(readers)
        found: dict[UserId, dict[int, ViewChange]] = {reader: {} for reader in readers}
        for act_id, reader, change in sorted(changes, key=itemgetter(0)):
            found[reader][act_id] = change
        return found

    async def posts_since(self, ms: int, after: int, limit: int) -> list[FanOut]:
        """Fan-out jobs of items newer than Unix time `ms` and id `after`, oldest first, finished or not."""
        query = {"_id": {"$gt": max(first_id_of(ms), after)}}
        with away_as_unavailable():
            found = self._tweets.find(query, _AUTHOR).sort("_id", 1).limit(limit)
            return [_fan_out(row) async for row in found]


_AUTHOR = {"author": 1}
_pack_item = msgspec.msgpack.Encoder().encode
_unpack_item: Callable[[bytes], ItemRecord] = msgspec.msgpack.Decoder(ItemRecord).decode


def entry_of(job: Job, was: ItemRecord | None = None, became: ItemRecord | None = None) -> Document:
    """The entry of a job that is not of notifications; `was` and `became`: see `Outbox.add`."""
    changed = view_change(job)
    entry: Document = {"_id": _entry_id(job), "job": pack(job)}
    if changed is not None:
        entry["reader"], change = changed
        if change.kind is ViewChangeKind.TAG_UNFOLLOWED:
            entry["left"] = list(change.words)
    entry |= fields_of_change(job, was)
    for name, item in (("was", was), ("became", became)):
        if item is not None:
            entry[name] = _pack_item(item)
    return entry


def has_entry(job: Job) -> TypeGuard[Notify | PublishUnreadCount]:
    """Whether it is a job of notifications whose act is not its own outbox."""
    return isinstance(job, PublishUnreadCount) or (isinstance(job, Notify) and not is_own_outbox(job))


def _pending(job: FanOut) -> Document:
    """Filter for the post if its fan-out is pending. The author, if known, targets a single shard."""
    author = {} if job.author_id is None else {"author": job.author_id}
    return {"_id": job.item_id, **author, "fanout": PENDING}


def _fan_out(row: Document) -> FanOut:
    """Includes the author, so that a reissued job is ordered among theirs."""
    return FanOut(TweetId(row["_id"]), UserId(row["author"]))


def _entry_id(job: Job) -> int:
    """Id of the act that the job completes. Raises TypeError for jobs without an entry."""
    match job:
        case FanOut():
            raise TypeError("a post is its own entry")
        case Rebuild() | BuildList() | SendPush():
            raise TypeError("neither a rebuild nor a push completes an act")
        case _:
            return job.act_id
