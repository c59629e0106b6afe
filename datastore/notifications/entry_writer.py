"""Notifications of follow requests, of the safety of accounts, of decisions, of edits, and of what was deleted: one
transaction for each act, by its entry of the outbox.

The entry is the idempotency token. A job that finds another entry, or none, has nothing to do; so it may run twice and
beside the job that undoes its act, in any order. The entry stores the changes until they are published.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from core.errors import UnavailableError
from core.ids import SnowflakeMaker, UserId
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Notify, pack
from datastore.jobs.outbox import NOTIFY_ENTRIES
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED
from datastore.notifications.act_batch import ActBatch
from datastore.notifications.edit_changes import changes_of_edit
from datastore.notifications.equal_texts import EqualTexts
from datastore.notifications.reader import (
    ACTS,
    GROUPS,
    STATES,
    UNREAD,
    NotificationAudience,
    NotificationKind,
    audience_of,
    touch,
)
from datastore.notifications.recipients import excluded_among
from datastore.timelines.changes import NotificationChangeKind, UnpublishedChange
from datastore.users.voices import Voices

_AT_ONCE, _ATTEMPTS = 100, 10
_ABOUT_ACTOR = {ActKind.SECURITY: NotificationKind.SECURITY, ActKind.DECISION: NotificationKind.DECISION}
"""Kinds of notifications that tell somebody of their own account."""
_Act = Callable[[Any, Mapping[UserId, Document]], Awaitable[list[UnpublishedChange]]]


class _OthersError(Exception):
    """An act concerns people whose notifications are not locked."""


class EntryNotificationWriter:
    """Makes notifications of requests, takes those of requests and tweets back."""

    def __init__(self, mongo: Mongo, ids: SnowflakeMaker, voices: Voices) -> None:
        self._mongo, self._ids, self._voices = mongo, ids, voices
        self._groups, self._acts = mongo.collection(GROUPS), mongo.collection(ACTS)
        self._entries = mongo.collection(NOTIFY_ENTRIES)

    async def apply(self, job: Notify) -> list[UnpublishedChange]:
        """Runs the job. Returns the changes to publish, also those of another worker that has not finished the job."""
        with away_as_unavailable():
            if job.kind is ActKind.EDIT:
                return await self._edit(job)
            return await (self._undo(job) if job.is_undone else self._do(job))

    async def delete_user(self, user_id: UserId) -> list[UnpublishedChange]:
        """Deletes all notifications of the user and all about their acts. Returns the changes to publish."""
        changes: list[UnpublishedChange] = []
        with away_as_unavailable():
            for collection in (self._groups, self._acts):
                await collection.delete_many({"user": user_id})
            await self._mongo.collection(STATES).delete_one({"_id": user_id})
            while acts := [row async for row in self._acts.find({"actor": user_id}).limit(_AT_ONCE)]:
                for act in acts:
                    changes += await self._remove_act(act)
        return changes

    async def delete_state(self, user_id: UserId) -> None:
        """For a state that a job under way made of a deleted user."""
        with away_as_unavailable():
            await self._mongo.collection(STATES).delete_one({"_id": user_id})

    async def _do(self, job: Notify) -> list[UnpublishedChange]:
        """A follow request, or what happened to the actor's own account: the acts with an entry that notify."""
        own = _ABOUT_ACTOR.get(job.kind)
        recipient = UserId(job.target) if own is None else job.actor_id
        if own is None and await excluded_among(self._mongo, {(job.actor_id, recipient)}):
            return []

        async def act(session: Any, states: Mapping[UserId, Document]) -> list[UnpublishedChange]:
            state = states[recipient]
            is_due = self._is_due(session, job, state) if own is None else self._exists(session, job)
            if not await is_due:
                return []
            version = state["version"]
            add = self._add(session, job, version) if own is None else self._add_own(session, job, own, version)
            return [_change(state, NotificationChangeKind.CHANGED, await add)]

        return await self._once(job, [recipient], act)

    async def _undo(self, job: Notify) -> list[UnpublishedChange]:
        is_post = job.kind is ActKind.POST
        query = {"tweet": job.act_id} if is_post else {"act": job.act_id}
        notified = set(await (self._groups if is_post else self._acts).distinct("user", query))
        if is_post:  # a notification to the author about an act on the deleted tweet may be under way
            notified |= {*await self._acts.distinct("user", {"act": job.act_id}), job.actor_id}

        async def act(session: Any, states: Mapping[UserId, Document]) -> list[UnpublishedChange]:
            changed = await self._drop_act(session, job.act_id)
            if is_post:
                changed |= await self._drop_tweet(session, job.act_id)
            return [_change(states[user_id], NotificationChangeKind.COUNT) for user_id in sorted(changed)]

        changes = await self._once(job, notified, act)
        if is_post:  # outside the transaction: there may be many
            await self._acts.delete_many({"tweet": job.act_id})
        return changes

    async def _edit(self, job: Notify) -> list[UnpublishedChange]:
        """One edit of an author at a time, so that each finds what the one before it made."""
        for _ in range(_ATTEMPTS):
            concerned = (await changes_of_edit(self._mongo, job)).users | {job.actor_id}
            with suppress(_OthersError):
                return await self._edit_for(job, concerned)
        raise UnavailableError("The database")

    async def _edit_for(self, job: Notify, concerned: Iterable[UserId]) -> list[UnpublishedChange]:
        """Raises _OthersError, and changes nothing, if the edit concerns somebody else by now."""

        async def act(session: Any, states: Mapping[UserId, Document]) -> list[UnpublishedChange]:
            found = await changes_of_edit(self._mongo, job, session)
            if not found.users <= states.keys():
                raise _OthersError
            counted = await self._drop(session, found.gone) | found.judging
            unused = {int(user_id): state | {"unused": state["version"] - 1} for user_id, state in states.items()}
            texts = EqualTexts(self._mongo, session, self._voices)
            grown = await ActBatch(self._mongo, self._ids, session, unused, texts).tell(found.told)
            return [*grown, *[_change(states[user_id], NotificationChangeKind.COUNT) for user_id in sorted(counted)]]

        return await self._once(job, concerned, act)

    async def _once(self, job: Notify, users: Iterable[UserId], act: _Act) -> list[UnpublishedChange]:
        """Runs `act` with the notifications of these users locked, and stores its changes in the outbox entry."""
        changing = sorted(users)

        async def once(session: Any) -> list[UnpublishedChange]:
            states = {user_id: await touch(self._mongo, session, user_id) for user_id in changing}
            entry = await self._entries.find_one(_entry(job), session=session)
            if entry is None or "changes" in entry:
                return _to_changes(entry)
            changes = await act(session, states)
            rows = [[change.user_id, str(change.kind), change.group_id, change.version] for change in changes]
            await self._entries.update_one(_entry(job), {"$set": {"changes": rows}}, session=session)
            return changes

        return await self._mongo.in_transaction(once, changing=changing)

    async def _exists(self, session: Any, job: Notify) -> bool:
        query = {"_id": job.actor_id, **NOT_DELETED}
        return await self._mongo.collection("users").find_one(query, {"_id": 1}, session=session) is not None

    async def _is_due(self, session: Any, job: Notify, state: Document) -> bool:
        """Whether request and recipient exist, and the recipient wants to hear of the actor."""
        request, user = {"_id": job.act_id, "user": job.actor_id}, {"_id": job.target, **NOT_DELETED}
        for name, query in (("follow_requests", request), ("users", user)):
            if await self._mongo.collection(name).find_one(query, {"_id": 1}, session=session) is None:
                return False
        audience = audience_of(state, NotificationKind.FOLLOW_REQUEST)
        if audience is not NotificationAudience.FOLLOWING:
            return audience is NotificationAudience.EVERYONE
        edge = {"follower": job.target, "followee": job.actor_id}
        return await self._mongo.collection("follows").find_one(edge, {"_id": 1}, session=session) is not None

    async def _add_own(self, session: Any, job: Notify, kind: NotificationKind, version: int) -> int:
        """A group without acts of others; returns its id."""
        group_id = self._ids()
        about = {"user": job.actor_id, "kind": str(kind), "tweet": 0, **UNREAD}
        acts = {"first": job.act_id, "last": job.act_id, "acts": 0, "version": version}
        await self._groups.insert_one({"_id": group_id, **about, **acts}, session=session)
        return group_id

    async def _add(self, session: Any, job: Notify, version: int) -> int:
        """A group of its own; returns its id."""
        group_id = self._ids()
        about = {"user": job.target, "kind": str(NotificationKind.FOLLOW_REQUEST), "tweet": 0, **UNREAD}
        acts = {"first": job.act_id, "last": job.act_id, "acts": 1, "version": version}
        await self._groups.insert_one({"_id": group_id, **about, **acts}, session=session)
        act = {"user": job.target, "act": job.act_id, "actor": job.actor_id, "group": group_id, "tweet": 0}
        await self._acts.insert_one(act, session=session)
        return group_id

    async def _remove_act(self, act: Document) -> list[UnpublishedChange]:
        user_id = UserId(act["user"])

        async def take(session: Any) -> list[UnpublishedChange]:
            state = await touch(self._mongo, session, user_id)
            changed = await self._drop_act(session, act["act"])
            return [_change(state, NotificationChangeKind.COUNT)] if changed else []

        return await self._mongo.in_transaction(take, changing=(user_id,))

    async def _drop_tweet(self, session: Any, tweet: int) -> set[UserId]:
        """Deletes all groups about the tweet, once its own act is dropped; returns users who lost an unread one."""
        users = await self._groups.distinct("user", {"tweet": tweet, **UNREAD}, session=session)
        await self._groups.delete_many({"tweet": tweet}, session=session)
        return set(users)

    async def _drop_act(self, session: Any, act_id: int) -> set[UserId]:
        """Takes the act out of its groups; returns users who lost an unread group."""
        return await self._drop(session, [row async for row in self._acts.find({"act": act_id}, session=session)])

    async def _drop(self, session: Any, acts: Iterable[Document]) -> set[UserId]:
        """Takes each out of its group; returns users who lost an unread group."""
        changed = set[UserId]()
        for act in acts:
            await self._acts.delete_one({"_id": act["_id"]}, session=session)
            group = await self._groups.find_one({"_id": act["group"]}, {"is_read": 1, "text": 1}, session=session)
            if group is not None and await self._shrink(session, group) and not group["is_read"]:
                changed.add(UserId(act["user"]))
        return changed

    async def _shrink(self, session: Any, group: Document) -> bool:
        """Updates a group after an act was deleted; True if that was its last one, and the group is deleted.

        A group of equal texts shows the oldest that is left.
        """
        group_id = group["_id"]
        remaining = {"group": group_id}
        oldest = await self._acts.find_one(remaining, {"act": 1, "tweet": 1}, sort=[("act", 1)], session=session)
        if oldest is None:
            await self._groups.delete_one({"_id": group_id}, session=session)
            return True
        newest = await self._acts.find_one(remaining, {"act": 1}, sort=[("act", -1)], session=session)
        bounds = {"first": oldest["act"], "last": newest["act"]}
        if "text" in group:
            bounds["tweet"] = oldest["tweet"]
        await self._groups.update_one({"_id": group_id}, {"$set": bounds, "$inc": {"acts": -1}}, session=session)
        return False


def _change(state: Document, kind: NotificationChangeKind, group_id: int = 0) -> UnpublishedChange:
    return UnpublishedChange(UserId(state["_id"]), kind, group_id, state["version"])


def _entry(job: Notify) -> Document:
    """Filter for the entry of exactly this job; the job that undoes the act replaces it."""
    return {"_id": job.act_id, "job": pack(job)}


def _to_changes(entry: Document | None) -> list[UnpublishedChange]:
    rows = [] if entry is None else entry["changes"]
    return [UnpublishedChange(UserId(row[0]), NotificationChangeKind(row[1]), row[2], row[3]) for row in rows]
