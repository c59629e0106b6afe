"""Recipients of the notifications of an act: users it concerns, minus those who do not want to hear of it."""

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from core.ids import UserId
from core.text.fold import fold
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Notify
from datastore.mongo.client import Mongo
from datastore.notifications.conversation_mutes import muted_at
from datastore.notifications.reader import ACCEPTED, NotificationKind


class Recipient(NamedTuple):
    """A user to be notified of an act, and how; `tweet` is 0 if the act concerns no tweet.

    `text` is the digest of a post's text that mentions the user, else 0: equal ones are one notification. That of
    accepted requests is ACCEPTED. `actor` is who is shown, 0 for the actor of the job.
    """

    user_id: UserId
    kind: NotificationKind
    tweet: int
    text: int = 0
    actor: UserId = UserId(0)


class Telling(NamedTuple):
    """A user to be notified of an act."""

    act_id: int
    actor_id: UserId
    recipient: Recipient


async def recipients_of(
    mongo: Mongo, acts: Sequence[tuple[Notify, Mapping[str, Any]]]
) -> list[tuple[Notify, list[Recipient]]]:
    """Recipients of each act, in the order of the acts: `acts` are jobs with the documents of their acts.

    All whom the act concerns but the actor, users who block or mute the actor, users whom the actor blocks, and of a
    protected actor users who do not follow them; users who mute the conversation hear of quotes alone. Asks a few
    questions for all acts.
    """
    authors = await _authors(mongo, [one for _, row in acts for one in (row.get("target"), row.get("quoted")) if one])
    muted = await muted_at(mongo, [one for job, row in acts for one in _told_of_thread(job, row)])
    concerned = [(job, _concerned_by(job, row, authors, muted)) for job, row in acts]
    pairs = {(_actor(job, one), one.user_id) for job, some in concerned for one in some}
    others = {pair for pair in pairs if pair[0] != pair[1]}
    wanted = others - await excluded_among(mongo, others)
    return [(job, [one for one in some if (_actor(job, one), one.user_id) in wanted]) for job, some in concerned]


def _actor(job: Notify, recipient: Recipient) -> int:
    return recipient.actor or job.actor_id


def _told_of_thread(job: Notify, row: Mapping[str, Any]) -> list[tuple[int, int, int]]:
    """Act, conversation and user, for those whom a post answers or mentions."""
    if job.kind is not ActKind.POST:
        return []
    users = {row["reply_to_author"], *row["mentioned"]} - {None}
    return [(job.act_id, row["conversation"], user_id) for user_id in users]


def _concerned_by(
    job: Notify, row: Mapping[str, Any], authors: Mapping[int, int], muted: Collection[tuple[int, int]]
) -> list[Recipient]:
    """One for each user that an act concerns, from the act's document and the authors of tweets it names."""
    match job.kind:
        case ActKind.FOLLOW:
            return _concerned_by_follow(row)
        case ActKind.LIKE:
            author = authors.get(row["target"])
            return [] if author is None else [Recipient(UserId(author), NotificationKind.LIKE, row["target"])]
        case ActKind.RETWEET:
            return [Recipient(UserId(row["retweet_of_author"]), NotificationKind.RETWEET, row["retweet_of"])]
        case _:
            muting = [user_id for act_id, user_id in muted if act_id == job.act_id]
            return _concerned_by_post(job.act_id, row, authors.get(row["quoted"] or 0), muting)


def _concerned_by_follow(row: Mapping[str, Any]) -> list[Recipient]:
    """The followee; and if the follow answers a request, the follower too, who is told of its acceptance."""
    follower, followee = UserId(row["follower"]), UserId(row["followee"])
    told = [Recipient(followee, NotificationKind.FOLLOW, 0)]
    if row.get("is_accepted"):
        told.append(Recipient(follower, NotificationKind.FOLLOW, 0, ACCEPTED, followee))
    return told


def _concerned_by_post(
    post_id: int, row: Mapping[str, Any], quoted_author: int | None, muting: Collection[int]
) -> list[Recipient]:
    """A reply outweighs a quote, a quote a mention. `muting`: those who mute the conversation."""
    kinds: dict[int | None, NotificationKind] = dict.fromkeys(row["mentioned"], NotificationKind.MENTION)
    kinds[row["reply_to_author"]] = NotificationKind.REPLY
    for user_id in muting:
        kinds.pop(user_id, None)
    if kinds.get(quoted_author) is not NotificationKind.REPLY:
        kinds[quoted_author] = NotificationKind.QUOTE
    text = text_digest(row["text"]) if row["mentioned"] else 0
    return [
        Recipient(UserId(user_id), kind, post_id, text if user_id in row["mentioned"] else 0)
        for user_id, kind in kinds.items()
        if user_id is not None
    ]


def text_digest(text: str) -> int:
    """Positive; equal for texts that differ in case, marks and white space alone."""
    folded = " ".join(fold(text).split())
    return (int.from_bytes(blake2b(folded.encode(), digest_size=8).digest()) >> 1) | 1


async def _authors(mongo: Mongo, tweet_ids: Sequence[int]) -> dict[int, int]:
    if not tweet_ids:
        return {}
    found = mongo.collection("tweets").find({"_id": {"$in": list(set(tweet_ids))}}, {"author": 1})
    return {row["_id"]: row["author"] async for row in found}


async def excluded_among(mongo: Mongo, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Pairs of actor and recipient where the recipient does not hear of the actor.

    A block stands between them, or the recipient mutes the actor, or the actor is protected and the recipient does not
    follow them.
    """
    if not pairs:
        return set()
    actors, recipients = {"$in": list({one for one, _ in pairs})}, {"$in": list({one for _, one in pairs})}
    either = {"$or": [{"user": actors, "target": recipients}, {"user": recipients, "target": actors}]}
    blocks, mutes = (
        mongo.collection("blocks").find(either),
        mongo.collection("mutes").find({"user": recipients, "target": actors}),
    )
    blocked = {(row["user"], row["target"]) async for row in blocks}
    unheard = {(row["target"], row["user"]) async for row in mutes} | await _hidden_among(mongo, pairs)
    return {(actor, one) for actor, one in pairs if {(actor, one), (one, actor)} & blocked or (actor, one) in unheard}


async def _hidden_among(mongo: Mongo, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Pairs of a protected actor and a recipient who does not follow them."""
    actors = {"$in": list({actor for actor, _ in pairs})}
    found = mongo.collection("users").find({"_id": actors, "is_protected": True}, {"_id": 1})
    protected = {row["_id"] async for row in found}
    if not protected:
        return set()
    unsure = {(actor, one) for actor, one in pairs if actor in protected}
    return unsure - await followed_among(mongo, unsure)


async def followed_among(mongo: Mongo, pairs: Collection[tuple[int, int]], session: Any = None) -> set[tuple[int, int]]:
    """Pairs of an actor and a recipient who follows them; perhaps others beside those that were asked for."""
    if not pairs:
        return set()
    query = {
        "follower": {"$in": list({one for _, one in pairs})},
        "followee": {"$in": list({actor for actor, _ in pairs})},
    }
    found = mongo.collection("follows").find(query, {"follower": 1, "followee": 1}, session=session)
    return {(row["followee"], row["follower"]) async for row in found}
