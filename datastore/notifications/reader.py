"""Notification reader. A notification is a group of acts; its position in the list is the id of its newest act.

The caller passes the users that the viewer must not hear of; they are left out of every group and its count.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

from core.ids import TweetId, UserId, first_id_of, wall_ms
from datastore.jobs.jobs import PublishUnreadCount
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.timelines.changes import NotificationChangeKind, UnpublishedChange
from datastore.timelines.event_log import EVENTS_KEPT

GROUPS, ACTS, STATES = "notifications", "notification_acts", "notification_states"
UNREAD: Final = {"is_read": False}
ACTORS_SHOWN = 8
ACCEPTED: Final = 1
"""Stands in the place of a text's digest, so that accepted requests are groups of their own."""
_READ_AT_ONCE = 500


class NotificationKind(StrEnum):
    LIKE = "LIKE"
    RETWEET = "RETWEET"
    QUOTE = "QUOTE"
    REPLY = "REPLY"
    MENTION = "MENTION"
    FOLLOW = "FOLLOW"
    FOLLOW_REQUEST = "FOLLOW_REQUEST"
    SECURITY = "SECURITY"
    DECISION = "DECISION"

    @property
    def is_of_act(self) -> bool:
        """Whether it tells of acts of others, which rules may hide and from whom it may be unwanted."""
        return self not in (NotificationKind.SECURITY, NotificationKind.DECISION)


class NotificationFilter(StrEnum):
    ALL = "ALL"
    MENTIONS = "MENTIONS"
    UNREAD = "UNREAD"


class NotificationAudience(StrEnum):
    """Users whose acts notify somebody, chosen for each kind."""

    EVERYONE = "EVERYONE"
    FOLLOWING = "FOLLOWING"
    NOBODY = "NOBODY"


_FILTERS: Mapping[NotificationFilter, Document] = {
    NotificationFilter.ALL: {},
    NotificationFilter.MENTIONS: {
        "kind": {"$in": [NotificationKind.MENTION, NotificationKind.REPLY, NotificationKind.QUOTE]}
    },
    NotificationFilter.UNREAD: UNREAD,
}


class NotificationRecord(NamedTuple):
    """A group as one viewer sees it. `first` and `last` are ids of acts; `actors` are the newest of `actor_count`.

    SECURITY and DECISION have no actors. `is_accepted`: the actors accepted the viewer's requests to follow them.
    """

    id: int
    kind: NotificationKind
    first: int
    last: int
    tweet_id: TweetId | None
    is_read: bool
    actors: tuple[UserId, ...]
    actor_count: int
    is_accepted: bool = False


class NotificationReader:
    """Reads notifications, marks them read, keeps preferences; datastore/notifications/writer.py makes them."""

    def __init__(self, mongo: Mongo, outbox: Outbox) -> None:
        self._mongo, self._outbox = mongo, outbox
        self._groups, self._states = mongo.collection(GROUPS), mongo.collection(STATES)

    async def range(
        self,
        user_id: UserId,
        chosen: NotificationFilter,
        place: tuple[int | None, int],
        *,
        without: Collection[UserId],
    ) -> list[NotificationRecord]:
        """Newest act first. `place`: id of the act before which to start, and the limit.

        Acts by users in `without` are left out; a group may be empty by that.
        """
        before, limit = place
        older = {} if before is None else {"last": {"$lt": before}}
        query = {"user": user_id, **older, **_FILTERS[chosen]}
        return await self._find([{"$match": query}, {"$sort": {"last": -1}}, {"$limit": limit}], without)

    async def get(self, user_id: UserId, group_id: int, *, without: Collection[UserId]) -> NotificationRecord | None:
        """None if this user has no such notification."""
        found = await self._find([{"$match": {"_id": group_id, "user": user_id}}], without)
        return found[0] if found else None

    async def get_many(
        self, user_id: UserId, group_ids: Sequence[int], *, without: Collection[UserId]
    ) -> list[NotificationRecord]:
        """Those of the user's notifications, in no order. See `range` for `without`."""
        return await self._find([{"$match": {"_id": {"$in": list(group_ids)}, "user": user_id}}], without)

    async def version(self, user_id: UserId) -> int:
        """A number that grows with every change of the user's notifications."""
        with away_as_unavailable():
            row = await self._states.find_one({"_id": user_id}, {"version": 1})
        return int((row or {}).get("version", 0))

    async def changed_since(self, ms: int, after: UserId, limit: int) -> list[UserId]:
        """Users with ids above `after` whose notifications changed since Unix time `ms`, in ascending order."""
        query = {"_id": {"$gt": after}, "at": {"$gte": ms}}
        with away_as_unavailable():
            found = self._states.find(query, {"_id": 1}).sort("_id", 1).limit(limit)
            return [UserId(row["_id"]) async for row in found]

    async def told_of_tweet(self, tweet_id: TweetId) -> list[UserId]:
        """Users who have notifications about the tweet."""
        with away_as_unavailable():
            return [UserId(one) for one in await self._groups.distinct("user", {"tweet": tweet_id})]

    async def changes_of(self, user_id: UserId, ms: int) -> list[UnpublishedChange]:
        """Changes of groups with acts since Unix time `ms`, in order, and finally one for the unread count."""
        query = {"user": user_id, "last": {"$gte": first_id_of(ms)}}
        with away_as_unavailable():
            found = self._groups.find(query, {"version": 1}).sort("last", -1).limit(EVENTS_KEPT)
            groups = sorted([(row["version"], row["_id"]) async for row in found])
        version = await self.version(user_id)
        changes = [UnpublishedChange(user_id, NotificationChangeKind.CHANGED, group_id, of) for of, group_id in groups]
        return [*changes, UnpublishedChange(user_id, NotificationChangeKind.COUNT, 0, version)]

    async def mark_read(self, act_id: int, user_id: UserId, up_to: int | None) -> PublishUnreadCount | None:
        """Marks groups up to act `up_to` (None: all) as read.

        Returns the job that publishes the unread count; None if nothing was unread.
        """
        done: PublishUnreadCount | None = None
        while (job := await self._mark_some(act_id, user_id, up_to)) is not None:
            done = job
        return done

    async def refresh_count(self, act_id: int, user_id: UserId) -> PublishUnreadCount:
        """Call after a change of visibility. Returns the job that publishes the unread count."""
        with away_as_unavailable():
            return await self._mongo.in_transaction(
                lambda session: self._add_count_job(session, act_id, user_id), changing=(user_id,)
            )

    async def told_of(self, actor_id: UserId) -> list[UserId]:
        """Users with notifications of this user's acts, in no order."""
        acts: list[Document] = [{"$match": {"actor": actor_id}}, {"$group": {"_id": "$user"}}]
        with away_as_unavailable():
            return [UserId(row["_id"]) for row in await self._mongo.aggregate(ACTS, acts)]

    async def preferences(self, user_id: UserId) -> dict[NotificationKind, NotificationAudience]:
        """The audience of every kind that has one."""
        with away_as_unavailable():
            row = await self._states.find_one({"_id": user_id}, {"audiences": 1})
        return {kind: audience_of(row, kind) for kind in NotificationKind if kind.is_of_act}

    async def set_preference(self, user_id: UserId, kind: NotificationKind, audience: NotificationAudience) -> None:
        """Applies to later acts only."""
        with away_as_unavailable():
            await self._states.update_one({"_id": user_id}, {"$set": {f"audiences.{kind}": str(audience)}}, upsert=True)

    async def _find(self, which: Sequence[Document], without: Collection[UserId]) -> list[NotificationRecord]:
        hidden = list(without)
        pipeline: list[Document] = [
            *which,
            _acts("newest", {"$nin": hidden}, [{"$sort": {"act": -1}}, {"$limit": ACTORS_SHOWN}]),
        ]
        if hidden:
            pipeline.append(_acts("left_out", {"$in": hidden}, [{"$count": "acts"}]))
        with away_as_unavailable():
            return [_to_record(row) for row in await self._mongo.aggregate(GROUPS, pipeline)]

    async def _mark_some(self, act_id: int, user_id: UserId, up_to: int | None) -> PublishUnreadCount | None:
        place = {} if up_to is None else {"last": {"$lte": up_to}}

        async def mark(session: Any) -> PublishUnreadCount | None:
            found = self._groups.find({"user": user_id, **place, **UNREAD}, {"_id": 1}, session=session)
            ids = [row["_id"] async for row in found.limit(_READ_AT_ONCE)]
            if not ids:
                return None
            job = await self._add_count_job(session, act_id, user_id)
            await self._groups.update_many({"_id": {"$in": ids}}, {"$set": {"is_read": True}}, session=session)
            return job

        with away_as_unavailable():
            return await self._mongo.in_transaction(mark, changing=(user_id,))

    async def _add_count_job(self, session: Any, act_id: int, user_id: UserId) -> PublishUnreadCount:
        state = await touch(self._mongo, session, user_id)
        job = PublishUnreadCount(act_id, user_id, state["version"])
        await self._outbox.add(session, job)
        return job


async def touch(mongo: Mongo, session: Any, user_id: UserId) -> Document:
    """Locks the user's notifications for this transaction; returns their state with its new version."""
    state: Document = await mongo.collection(STATES).find_one_and_update(
        {"_id": user_id},
        {"$inc": {"version": 1}, "$set": {"at": wall_ms()}},
        upsert=True,
        return_document=True,
        session=session,
    )
    return state


def audience_of(state: Mapping[str, Any] | None, kind: NotificationKind) -> NotificationAudience:
    """The audience chosen in a notification state; EVERYONE by default."""
    return NotificationAudience((state or {}).get("audiences", {}).get(kind, NotificationAudience.EVERYONE))


def _acts(name: str, actor: Document, then: Sequence[Document]) -> Document:
    """A $lookup of those acts of each group whose actor matches."""
    pipeline = [{"$match": {"actor": actor}}, *then, {"$project": {"_id": 0, "actor": 1, "acts": 1}}]
    return {"$lookup": {"from": ACTS, "localField": "_id", "foreignField": "group", "pipeline": pipeline, "as": name}}


def _to_record(row: Mapping[str, Any]) -> NotificationRecord:
    left_out = sum(found["acts"] for found in row.get("left_out", ()))
    return NotificationRecord(
        id=row["_id"],
        kind=NotificationKind(row["kind"]),
        first=row["first"],
        last=row["last"],
        tweet_id=TweetId(row["tweet"]) if row["tweet"] else None,
        is_read=row["is_read"],
        actors=tuple(UserId(act["actor"]) for act in row["newest"]),
        actor_count=row["acts"] - left_out,
        is_accepted=row.get("text") == ACCEPTED,
    )
