"""How notifications come about: one transaction makes those of an act what the act now is, done or undone.

The act's entry in the outbox is the token: whoever finds another entry, or none, has nothing to do, so that a job may
run twice, and beside the undoing of its act, in any order. The entry remembers what changed until that was told.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from core.ids import SnowflakeMaker, UserId, first_id_of, ms_of
from datastore.jobs.jobs import ActKind, Notify, pack
from datastore.jobs.outbox import NOTIFY_ENTRIES
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED
from datastore.notifications.reader import (
    ACTS,
    GROUPS,
    STATES,
    UNREAD,
    NotificationKind,
    touch,
)
from datastore.notifications.recipients import ON_TWEETS, Due, dues_of, is_wanted
from datastore.timelines.event_log import NotificationChangeKind, NotificationNews

GROUP_MS = 12 * 3600 * 1000
_AT_ONCE = 100
_GROUPED = (NotificationKind.LIKE, NotificationKind.RETWEET, NotificationKind.FOLLOW)
_Act = Callable[[Any, Mapping[UserId, Document]], Awaitable[list[NotificationNews]]]


class NoticeStore:
    def __init__(self, mongo: Mongo, ids: SnowflakeMaker) -> None:
        self._mongo, self._ids = mongo, ids
        self._groups, self._acts = mongo.collection(GROUPS), mongo.collection(ACTS)
        self._notices = mongo.collection(NOTIFY_ENTRIES)

    async def apply(self, job: Notify) -> list[NotificationNews]:
        """What changed by it, also where another did it and has not finished the job."""
        with away_as_unavailable():
            return await (self._undo(job) if job.is_undone else self._do(job))

    async def forget_person(self, user_id: UserId) -> list[NotificationNews]:
        """All that they were told, and that others were told of them."""
        changes: list[NotificationNews] = []
        with away_as_unavailable():
            for collection in (self._groups, self._acts):
                await collection.delete_many({"user": user_id})
            await self._mongo.collection(STATES).delete_one({"_id": user_id})
            while acts := [row async for row in self._acts.find({"actor": user_id}).limit(_AT_ONCE)]:
                for act in acts:
                    changes += await self._take_out(act)
        return changes

    async def _do(self, job: Notify) -> list[NotificationNews]:
        dues = await dues_of(self._mongo, job)
        if not dues:
            return []

        async def act(session: Any, states: Mapping[UserId, Document]) -> list[NotificationNews]:
            if not await self._stands(session, job):
                return []
            standing = await self._standing(session, list(states))
            news = []
            for due in [due for due in dues if due.user_id in standing]:
                state = states[due.user_id]
                if await is_wanted(self._mongo, session, job.actor_id, due, state):
                    group_id = await self._add(session, due, job, state["version"])
                    news.append(_news(state, NotificationChangeKind.CHANGED, group_id))
            return news

        return await self._once(job, [due.user_id for due in dues], act)

    async def _undo(self, job: Notify) -> list[NotificationNews]:
        is_post = job.kind is ActKind.POST
        place = {"tweet": job.act_id} if is_post else {"act": job.act_id}
        told = await (self._groups if is_post else self._acts).distinct("user", place)
        # The author of a deleted tweet, too: of what others did with it a notification may be under way.
        people = {*told, job.actor_id} if is_post else told

        async def act(session: Any, states: Mapping[UserId, Document]) -> list[NotificationNews]:
            gone = await (self._drop_tweet if is_post else self._drop_act)(session, job.act_id)
            return [_news(states[user_id], NotificationChangeKind.COUNT) for user_id in sorted(gone)]

        changes = await self._once(job, people, act)
        if is_post:  # perhaps many
            await self._acts.delete_many({"tweet": job.act_id})
        return changes

    async def _once(self, job: Notify, people: Iterable[UserId], act: _Act) -> list[NotificationNews]:
        """Does it alone of all that change notifications of these people, and remembers the changes with the job."""
        changing = sorted(people)

        async def once(session: Any) -> list[NotificationNews]:
            states = {user_id: await touch(self._mongo, session, user_id) for user_id in changing}
            entry = await self._notices.find_one(_entry(job), session=session)
            if entry is None or "changes" in entry:
                return _to_changes(entry)
            changes = await act(session, states)
            rows = [[change.user_id, str(change.kind), change.group_id, change.version] for change in changes]
            await self._notices.update_one(_entry(job), {"$set": {"changes": rows}}, session=session)
            return changes

        return await self._mongo.in_transaction(once, changing=changing)

    async def _stands(self, session: Any, job: Notify) -> bool:
        """Whether the act does, and what it was done to."""
        collection, act = _act_of(job)
        if await self._mongo.collection(collection).find_one(act, {"_id": 1}, session=session) is None:
            return False
        if job.kind not in ON_TWEETS:
            return True
        tweet = {"_id": job.target}
        return await self._mongo.collection("tweets").find_one(tweet, {"_id": 1}, session=session) is not None

    async def _standing(self, session: Any, people: Sequence[UserId]) -> set[int]:
        users = self._mongo.collection("users").find(
            {"_id": {"$in": people}, **NOT_DELETED}, {"_id": 1}, session=session
        )
        return {row["_id"] async for row in users}

    async def _add(self, session: Any, due: Due, job: Notify, version: int) -> int:
        """Into the group that takes it in, or a new one; its id."""
        group_id = await self._open_group(session, due, job.act_id) if due.kind in _GROUPED else None
        if group_id is None:
            group_id = self._ids()
            about = {"user": due.user_id, "kind": str(due.kind), "tweet": due.tweet, **UNREAD}
            acts = {"first": job.act_id, "last": job.act_id, "acts": 1, "version": version}
            await self._groups.insert_one({"_id": group_id, **about, **acts}, session=session)
        else:
            places = {"$min": {"first": job.act_id}, "$max": {"last": job.act_id}}
            grown = {"$inc": {"acts": 1}, "$set": {"version": version}, **places}
            await self._groups.update_one({"_id": group_id}, grown, session=session)
        act = {"user": due.user_id, "act": job.act_id, "actor": job.actor_id, "group": group_id, "tweet": due.tweet}
        await self._acts.insert_one(act, session=session)
        return group_id

    async def _open_group(self, session: Any, due: Due, act_id: int) -> int | None:
        """The newest unread group of its kind, for so long from its first act."""
        query = {"tweet": due.tweet, "user": due.user_id, "kind": str(due.kind)}
        row = await self._groups.find_one(
            {**query, "last": {"$gt": first_id_of(ms_of(act_id) - GROUP_MS)}}, sort=[("last", -1)], session=session
        )
        if row is None or row["is_read"] or ms_of(act_id) >= ms_of(row["first"]) + GROUP_MS:
            return None
        return int(row["_id"])

    async def _take_out(self, act: Document) -> list[NotificationNews]:
        user_id = UserId(act["user"])

        async def take(session: Any) -> list[NotificationNews]:
            state = await touch(self._mongo, session, user_id)
            gone = await self._drop_act(session, act["act"])
            return [_news(state, NotificationChangeKind.COUNT)] if gone else []

        return await self._mongo.in_transaction(take, changing=(user_id,))

    async def _drop_tweet(self, session: Any, tweet: int) -> set[UserId]:
        """All groups about it; who had one that was unread."""
        users = await self._groups.distinct("user", {"tweet": tweet, **UNREAD}, session=session)
        await self._groups.delete_many({"tweet": tweet}, session=session)
        return set(users)

    async def _drop_act(self, session: Any, act_id: int) -> set[UserId]:
        """Out of the groups it is in; whose unread group is gone by it."""
        gone = set()
        for act in [row async for row in self._acts.find({"act": act_id}, session=session)]:
            await self._acts.delete_one({"_id": act["_id"]}, session=session)
            group = await self._groups.find_one({"_id": act["group"]}, {"is_read": 1}, session=session)
            if await self._shrink(session, act["group"]) and group is not None and not group["is_read"]:
                gone.add(UserId(act["user"]))
        return gone

    async def _shrink(self, session: Any, group_id: int) -> bool:
        """After an act left it: whether it was the last."""
        left = {"group": group_id}
        oldest = await self._acts.find_one(left, {"act": 1}, sort=[("act", 1)], session=session)
        if oldest is None:
            await self._groups.delete_one({"_id": group_id}, session=session)
            return True
        newest = await self._acts.find_one(left, {"act": 1}, sort=[("act", -1)], session=session)
        places = {"first": oldest["act"], "last": newest["act"]}
        await self._groups.update_one({"_id": group_id}, {"$set": places, "$inc": {"acts": -1}}, session=session)
        return False


def _news(state: Document, kind: NotificationChangeKind, group_id: int = 0) -> NotificationNews:
    return NotificationNews(UserId(state["_id"]), kind, group_id, state["version"])


def _act_of(job: Notify) -> tuple[str, Document]:
    """The collection that keeps the act, and what it is known by there: with it the person whose shard has it."""
    match job.kind:
        case ActKind.LIKE:
            return "likes", {"_id": job.act_id, "user": job.actor_id}
        case ActKind.REQUEST:
            return "follow_requests", {"_id": job.act_id, "user": job.actor_id}
        case ActKind.FOLLOW:
            return "follows", {"_id": job.act_id, "followee": job.target}
        case ActKind.RETWEET | ActKind.POST:
            return "tweets", {"_id": job.act_id, "author": job.actor_id}


def _entry(job: Notify) -> Document:
    """Of this job, unless what undid the act has taken its place."""
    return {"_id": job.act_id, "job": pack(job)}


def _to_changes(entry: Document | None) -> list[NotificationNews]:
    rows = [] if entry is None else entry["changes"]
    return [NotificationNews(UserId(row[0]), NotificationChangeKind(row[1]), row[2], row[3]) for row in rows]
