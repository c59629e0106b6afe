"""One transaction that makes the notifications of many acts, and takes back those of acts that were undone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from pymongo import DeleteOne, InsertOne, UpdateOne

from core.ids import SnowflakeMaker, UserId, first_id_of, ms_of, wall_ms
from datastore.mongo.acts import UNDONE, delete_finished
from datastore.mongo.client import Document, Mongo
from datastore.mongo.existence import NOT_DELETED
from datastore.notifications.equal_texts import GROUP_MS, EqualTexts, takes_in
from datastore.notifications.reader import (
    ACTS,
    GROUPS,
    STATES,
    UNREAD,
    NotificationAudience,
    NotificationKind,
    audience_of,
)
from datastore.notifications.recipients import Telling, followed_among
from datastore.timelines.changes import NotificationChangeKind, UnpublishedChange

_GROUPED = (NotificationKind.LIKE, NotificationKind.RETWEET, NotificationKind.FOLLOW)
_ON_TWEETS = (NotificationKind.LIKE, NotificationKind.RETWEET)
_Groups: TypeAlias = dict[tuple[int, NotificationKind, int], Document]
"""By user, kind, and the digest of a text or else the tweet."""


async def lock_notifications(mongo: Mongo, session: Any, changes: Mapping[UserId, int]) -> dict[int, Document]:
    """Makes the transaction the only one to change the notifications of these users; returns their states, by id.

    The version of each grows by the number of its changes, so that each change has its own: `unused` is the version
    before the first of them.
    """
    if not changes:
        return {}
    states, now = mongo.collection(STATES), wall_ms()
    touches = [
        UpdateOne({"_id": user_id}, {"$inc": {"version": number}, "$set": {"at": now}}, upsert=True)
        for user_id, number in sorted(changes.items())
    ]
    await states.bulk_write(touches, session=session)
    rows = states.find({"_id": {"$in": list(changes)}}, session=session)
    return {row["_id"]: row | {"unused": row["version"] - changes[row["_id"]]} async for row in rows}


class ActBatch:
    """`states` are the locked ones."""

    def __init__(
        self, mongo: Mongo, ids: SnowflakeMaker, session: Any, states: dict[int, Document], texts: EqualTexts
    ) -> None:
        self._mongo, self._ids, self._session, self._states, self._texts = mongo, ids, session, states, texts
        self._groups, self._acts = mongo.collection(GROUPS), mongo.collection(ACTS)

    async def run(self, told: Sequence[Telling], rows: Mapping[str, Sequence[Document]]) -> list[UnpublishedChange]:
        """`rows`: the documents with a token, by collection. Returns the changes to publish."""
        waiting = {row["_id"] for name, some in rows.items() if name != UNDONE for row in some}
        grown = await self._add(await self._wanted([one for one in told if one.act_id in waiting]))
        emptied = await self._drop([row["act"] for row in rows[UNDONE]])
        for name, some in rows.items():
            await self._clear(name, [row["_id"] for row in some])
        counted = [self._change(user_id, NotificationChangeKind.COUNT) for user_id in sorted(emptied)]
        return [*grown, *counted]

    async def tell(self, told: Sequence[Telling]) -> list[UnpublishedChange]:
        """Adds those that are wanted; for acts whose token is no field of their document."""
        return await self._add(await self._wanted(told))

    async def _wanted(self, told: Sequence[Telling]) -> list[Telling]:
        """Those about tweets that exist, to users who exist and chose an audience with the actor."""
        tweets = {one.recipient.tweet for one in told if one.recipient.kind in _ON_TWEETS}
        existing = {0, *await self._existing("tweets", tweets, {})}
        users = await self._existing("users", {one.recipient.user_id for one in told}, NOT_DELETED)
        found = [
            one
            for one in told
            if one.recipient.user_id in users
            and (one.recipient.kind not in _ON_TWEETS or one.recipient.tweet in existing)
        ]
        choosy = [one for one in found if self._audience(one) is NotificationAudience.FOLLOWING]
        pairs = {(one.actor_id, one.recipient.user_id) for one in choosy}
        followed = await followed_among(self._mongo, pairs, self._session)
        return [one for one in found if self._is_wanted(one, followed)]

    async def _existing(self, name: str, ids: Iterable[int], query: Document) -> set[int]:
        if not (some := list(ids)):
            return set()
        found = self._mongo.collection(name).find({"_id": {"$in": some}, **query}, {"_id": 1}, session=self._session)
        return {row["_id"] async for row in found}

    def _audience(self, one: Telling) -> NotificationAudience:
        return audience_of(self._states[one.recipient.user_id], one.recipient.kind)

    def _is_wanted(self, one: Telling, followed: set[tuple[int, int]]) -> bool:
        audience = self._audience(one)
        if audience is NotificationAudience.FOLLOWING:
            return (one.actor_id, one.recipient.user_id) in followed
        return audience is NotificationAudience.EVERYONE

    async def _add(self, told: Sequence[Telling]) -> list[UnpublishedChange]:
        """Adds the acts to open groups or new ones. Returns a change for each group."""
        if not told:
            return []
        groups, changed, acts = await self._newest_groups(told), dict[int, Document](), list[Document]()
        await self._texts.learn(groups.values(), told)
        for one in told:
            if self._texts.is_told(self._newest_group(groups, one), one):
                continue
            group = self._group_for(groups, one)
            if one.recipient.text and one.act_id <= group["first"]:  # the oldest of equal posts is shown
                group["tweet"] = one.recipient.tweet
            group["first"], group["last"] = min(group["first"], one.act_id), max(group["last"], one.act_id)
            group["acts"] += 1
            changed[group["_id"]] = group
            of_act = {"user": group["user"], "act": one.act_id, "actor": one.actor_id}
            said = self._texts.say(group, one) if one.recipient.text else {}
            acts.append({**of_act, **said, "group": group["_id"], "tweet": one.recipient.tweet})
        if not acts:
            return []
        changes = [self._change(one["user"], NotificationChangeKind.CHANGED, one["_id"]) for one in changed.values()]
        for change in changes:
            changed[change.group_id]["version"] = change.version
        await self._groups.bulk_write(list(map(_write_of, changed.values())), session=self._session)
        await self._acts.insert_many(acts, session=self._session)
        return changes

    async def _newest_groups(self, told: Sequence[Telling]) -> _Groups:
        """The newest group of each recipient, kind and tweet or text, whether or not it takes in another act."""
        by_tweet = [one for one in told if one.recipient.kind in _GROUPED]
        by_text = [one for one in told if one.recipient.text]
        return await self._newest_by("tweet", by_tweet) | await self._newest_by("text", by_text)

    async def _newest_by(self, field: str, told: Sequence[Telling]) -> _Groups:
        if not told:
            return {}
        no_text = {"text": None} if field == "tweet" else {}
        query = {
            **no_text,
            field: {"$in": list({getattr(one.recipient, field) for one in told})},
            "user": {"$in": list({one.recipient.user_id for one in told})},
            "kind": {"$in": list({str(one.recipient.kind) for one in told})},
            "last": {"$gt": first_id_of(ms_of(told[0].act_id) - GROUP_MS)},
        }
        found = self._groups.find(query, session=self._session).sort("last", 1)
        return {(row["user"], NotificationKind(row["kind"]), row[field]): row async for row in found}

    def _newest_group(self, groups: _Groups, one: Telling) -> Document | None:
        user_id, kind, tweet, text, _ = one.recipient
        return groups.get((user_id, kind, text or tweet)) if text or kind in _GROUPED else None

    def _group_for(self, groups: _Groups, one: Telling) -> Document:
        user_id, kind, tweet, text, _ = one.recipient
        group = self._newest_group(groups, one)
        if group is not None and not group["is_read"] and takes_in(group, one):
            return group
        about = {"_id": self._ids(), "user": user_id, "kind": str(kind), "tweet": tweet, **UNREAD}
        group = groups[user_id, kind, text or tweet] = {
            **about,
            **({"text": text} if text else {}),
            "first": one.act_id,
            "last": one.act_id,
            "acts": 0,
            "is_new": True,
        }
        return group

    async def _drop(self, act_ids: Sequence[int]) -> set[UserId]:
        """Takes acts out of their groups; returns users who lost an unread group."""
        if not act_ids:
            return set()
        rows = [row async for row in self._acts.find({"act": {"$in": list(act_ids)}}, session=self._session)]
        if not rows:
            return set()
        await self._acts.delete_many({"_id": {"$in": [row["_id"] for row in rows]}}, session=self._session)
        among = {"$in": list({row["group"] for row in rows})}
        bounds = {"first": {"$min": "$act"}, "last": {"$max": "$act"}, "acts": {"$sum": 1}}
        left = {
            row.pop("_id"): row
            for row in await self._mongo.aggregate(
                ACTS, [{"$match": {"group": among}}, {"$group": {"_id": "$group", **bounds}}], session=self._session
            )
        }
        emptied, writes = set[UserId](), list[UpdateOne | DeleteOne]()
        async for group in self._groups.find({"_id": among}, {"user": 1, "is_read": 1}, session=self._session):
            which = {"_id": group["_id"]}
            if (bounds_left := left.get(group["_id"])) is not None:
                writes.append(UpdateOne(which, {"$set": bounds_left}))
                continue
            writes.append(DeleteOne(which))
            if not group["is_read"]:
                emptied.add(UserId(group["user"]))
        if writes:
            await self._groups.bulk_write(writes, session=self._session)
        return emptied

    async def _clear(self, name: str, ids: Sequence[int]) -> None:
        """Takes the tokens off the documents."""
        if not ids:
            return
        which = {"_id": {"$in": list(ids)}}
        await self._mongo.collection(name).update_many(which, {"$unset": {"untold": 1}}, session=self._session)
        if name == UNDONE:
            await delete_finished(self._mongo, ids, self._session)

    def _change(self, user_id: int, kind: NotificationChangeKind, group_id: int = 0) -> UnpublishedChange:
        state = self._states[user_id]
        state["unused"] += 1
        return UnpublishedChange(UserId(user_id), kind, group_id, state["unused"])


def _write_of(group: Document) -> InsertOne[Document] | UpdateOne:
    if group.pop("is_new", False):
        return InsertOne(group)
    return UpdateOne({"_id": group["_id"]}, {"$set": {name: group[name] for name in _GROWING}})


_GROWING = ("first", "last", "acts", "version", "tweet")
