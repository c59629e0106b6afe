"""Recipients of the notifications of an act: users it concerns, minus those who do not want to hear of the actor."""

from typing import Any, NamedTuple

from core.ids import UserId
from datastore.jobs.jobs import ActKind, Notify
from datastore.mongo.client import Document, Mongo
from datastore.notifications.reader import NotificationAudience, NotificationKind, audience_of

KIND_OF_TWEET_ACT = {ActKind.LIKE: NotificationKind.LIKE, ActKind.RETWEET: NotificationKind.RETWEET}
_KIND_OF_USER_ACT = {ActKind.FOLLOW: NotificationKind.FOLLOW, ActKind.REQUEST: NotificationKind.FOLLOW_REQUEST}


class Recipient(NamedTuple):
    """A user to be notified of an act, and how; `tweet` is 0 if the act concerns no tweet."""

    user_id: UserId
    kind: NotificationKind
    tweet: int


async def recipients_of(mongo: Mongo, job: Notify) -> list[Recipient]:
    """All recipients but the actor, users who block or mute the actor, and users whom the actor blocks."""
    others = [one for one in await _concerned(mongo, job) if one.user_id != job.actor_id]
    if not others:
        return []
    among = {"$in": [one.user_id for one in others]}
    blocks = {"$or": [{"user": job.actor_id, "target": among}, {"user": among, "target": job.actor_id}]}
    mutes = {"user": among, "target": job.actor_id}
    excluded = await _ends(mongo, "blocks", blocks) | await _ends(mongo, "mutes", mutes)
    return [one for one in others if one.user_id not in excluded]


async def is_wanted(mongo: Mongo, session: Any, actor: UserId, recipient: Recipient, state: Document) -> bool:
    """Whether the actor is in the audience that the recipient chose for this kind."""
    audience = audience_of(state, recipient.kind)
    if audience is not NotificationAudience.FOLLOWING:
        return audience is NotificationAudience.EVERYONE
    edge = {"follower": recipient.user_id, "followee": actor}
    return await mongo.collection("follows").find_one(edge, {"_id": 1}, session=session) is not None


async def _concerned(mongo: Mongo, job: Notify) -> list[Recipient]:
    """One for each user; a reply outweighs a quote, a quote a mention."""
    tweets = mongo.collection("tweets")
    if job.kind in _KIND_OF_USER_ACT:
        return [Recipient(UserId(job.target), _KIND_OF_USER_ACT[job.kind], 0)]
    if job.kind in KIND_OF_TWEET_ACT:
        row = await tweets.find_one({"_id": job.target}, {"author": 1})
        return [] if row is None else [Recipient(UserId(row["author"]), KIND_OF_TWEET_ACT[job.kind], job.target)]
    posted = {"_id": job.act_id, "author": job.actor_id}
    row = await tweets.find_one(posted, {"reply_to_author": 1, "quoted": 1, "mentioned": 1})
    if row is None:
        return []
    quoted = None if row["quoted"] is None else await tweets.find_one({"_id": row["quoted"]}, {"author": 1})
    kinds: dict[int | None, NotificationKind] = dict.fromkeys(row["mentioned"], NotificationKind.MENTION)
    kinds[None if quoted is None else quoted["author"]] = NotificationKind.QUOTE
    kinds[row["reply_to_author"]] = NotificationKind.REPLY
    return [Recipient(UserId(user_id), kind, job.act_id) for user_id, kind in kinds.items() if user_id is not None]


async def _ends(mongo: Mongo, collection: str, query: Document) -> set[int]:
    """Users on either end of the matching edges."""
    found = mongo.collection(collection).find(query, {"user": 1, "target": 1, "_id": 0})
    return {user_id async for row in found for user_id in (row["user"], row["target"])}
