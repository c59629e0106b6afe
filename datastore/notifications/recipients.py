"""Whom an act is to be told: whose tweets and account it is about, less those who want to hear nothing of who acts."""

from typing import Any, NamedTuple

from core.ids import UserId
from datastore.jobs.jobs import ActKind, Notify
from datastore.mongo.client import Document, Mongo
from datastore.notifications.reader import NotificationAudience, NotificationKind, audience_of

ON_TWEETS = {ActKind.LIKE: NotificationKind.LIKE, ActKind.RETWEET: NotificationKind.RETWEET}
_ON_PEOPLE = {ActKind.FOLLOW: NotificationKind.FOLLOW, ActKind.REQUEST: NotificationKind.FOLLOW_REQUEST}


class Due(NamedTuple):
    """That somebody is to be told of an act; `tweet` is 0 where it is about no tweet."""

    user_id: UserId
    kind: NotificationKind
    tweet: int


async def dues_of(mongo: Mongo, job: Notify) -> list[Due]:
    """Nobody is told of their own acts, of people they block or mute, or who block them."""
    others = [due for due in await _dues(mongo, job) if due.user_id != job.actor_id]
    if not others:
        return []
    among = {"$in": [due.user_id for due in others]}
    blocks = {"$or": [{"user": job.actor_id, "target": among}, {"user": among, "target": job.actor_id}]}
    mutes = {"user": among, "target": job.actor_id}
    unwelcome = await _people(mongo, "blocks", blocks) | await _people(mongo, "mutes", mutes)
    return [due for due in others if due.user_id not in unwelcome]


async def is_wanted(mongo: Mongo, session: Any, actor: UserId, due: Due, state: Document) -> bool:
    """Whether the actor is in the audience that the person chose."""
    audience = audience_of(state, due.kind)
    if audience is not NotificationAudience.FOLLOWING:
        return audience is NotificationAudience.EVERYONE
    edge = {"follower": due.user_id, "followee": actor}
    return await mongo.collection("follows").find_one(edge, {"_id": 1}, session=session) is not None


async def _dues(mongo: Mongo, job: Notify) -> list[Due]:
    """One for each person: a reply that mentions somebody is a reply to them."""
    tweets = mongo.collection("tweets")
    if job.kind in _ON_PEOPLE:
        return [Due(UserId(job.target), _ON_PEOPLE[job.kind], 0)]
    if job.kind in ON_TWEETS:
        row = await tweets.find_one({"_id": job.target}, {"author": 1})
        return [] if row is None else [Due(UserId(row["author"]), ON_TWEETS[job.kind], job.target)]
    posted = {"_id": job.act_id, "author": job.actor_id}
    row = await tweets.find_one(posted, {"reply_to_author": 1, "quoted": 1, "mentioned": 1})
    if row is None:
        return []
    quoted = None if row["quoted"] is None else await tweets.find_one({"_id": row["quoted"]}, {"author": 1})
    kinds: dict[int | None, NotificationKind] = dict.fromkeys(row["mentioned"], NotificationKind.MENTION)
    kinds[None if quoted is None else quoted["author"]] = NotificationKind.QUOTE
    kinds[row["reply_to_author"]] = NotificationKind.REPLY
    return [Due(UserId(person), kind, job.act_id) for person, kind in kinds.items() if person is not None]


async def _people(mongo: Mongo, collection: str, query: Document) -> set[int]:
    """On either side of these edges."""
    found = mongo.collection(collection).find(query, {"user": 1, "target": 1, "_id": 0})
    return {person async for row in found for person in (row["user"], row["target"])}
