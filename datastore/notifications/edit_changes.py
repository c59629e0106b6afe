"""Changes of notifications by an edit: a person newly mentioned is told, one no longer mentioned loses theirs.

What it makes is named by the edit, and is about the tweet. Replies and quotes are not touched.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from core.ids import UserId
from core.text.muted_words import muted_matcher
from datastore.jobs.jobs import Notify
from datastore.mongo.client import Document, Mongo
from datastore.notifications.conversation_mutes import muted_at
from datastore.notifications.reader import ACTS, GROUPS, NotificationKind
from datastore.notifications.recipients import Recipient, Telling, excluded_among, text_digest

_FIELDS = ("author", "text", "mentioned", "reply_to_author", "quoted", "conversation", "revisions", "untold")


class EditChanges(NamedTuple):
    """`gone` are acts that are told to their user no more. `judging` have a notification of the tweet, which words that
    they mute hide from now on, or no more.
    """

    gone: Sequence[Document]
    told: Sequence[Telling]
    judging: frozenset[UserId] = frozenset()

    @property
    def users(self) -> set[UserId]:
        gone, told = {UserId(act["user"]) for act in self.gone}, {one.recipient.user_id for one in self.told}
        return gone | told | self.judging


class _Version(NamedTuple):
    """The version that an edit made, and the text before."""

    text: str
    earlier_text: str
    newly_mentioned: set[int]


async def changes_of_edit(mongo: Mongo, job: Notify, session: Any = None) -> EditChanges:
    """By the tweet as it is now: an edit whose mentions another one took back tells nobody.

    Nor does one of a tweet whose own notifications are not made yet: they will be those of its newest version.
    """
    query = {"_id": job.target, "author": job.actor_id}
    row = await mongo.collection("tweets").find_one(query, dict.fromkeys(_FIELDS, 1), session=session)
    if row is None:
        return EditChanges((), ())
    edits = [one["until"] for one in row.get("revisions", ())]
    found = mongo.collection(ACTS).find({"act": {"$in": [job.target, *edits]}}, session=session)
    acts = [act async for act in found]
    gone = await _mentions_among(mongo, [act for act in acts if act["user"] not in row["mentioned"]], session)
    version = None if "untold" in row else _version_made(job, row)
    if version is None:
        return EditChanges(gone, ())
    judging = await _judging(mongo, {act["user"] for act in acts if act not in gone}, version)
    new = await _newly_mentioned(mongo, job, row, version) - {act["user"] for act in acts}
    text = text_digest(version.text)
    told = [Recipient(UserId(user_id), NotificationKind.MENTION, job.target, text) for user_id in sorted(new)]
    return EditChanges(gone, [Telling(job.act_id, job.actor_id, one) for one in told], judging)


async def _mentions_among(mongo: Mongo, acts: Sequence[Document], session: Any) -> list[Document]:
    if not acts:
        return []
    query = {"_id": {"$in": list({act["group"] for act in acts})}, "kind": str(NotificationKind.MENTION)}
    found = mongo.collection(GROUPS).find(query, {"_id": 1}, session=session)
    groups = {row["_id"] async for row in found}
    return [act for act in acts if act["group"] in groups]


def _version_made(job: Notify, row: Mapping[str, Any]) -> _Version | None:
    """None if the tweet's document does not know the edit."""
    for before, after in pairwise([*row.get("revisions", ()), row]):
        if before["until"] == job.act_id:
            return _Version(after["text"], before["text"], set(after["mentioned"]) - set(before["mentioned"]))
    return None


async def _newly_mentioned(mongo: Mongo, job: Notify, row: Mapping[str, Any], version: _Version) -> set[int]:
    """People whom this edit mentions, as does the tweet now; not those who hear of the tweet otherwise."""
    new = version.newly_mentioned & set(row["mentioned"])
    new -= {None, job.actor_id, row["reply_to_author"], await _author_of(mongo, row["quoted"])}
    muting = {user_id for _, user_id in await muted_at(mongo, [(job.act_id, row["conversation"], one) for one in new])}
    return new - muting - {one for _, one in await excluded_among(mongo, {(job.actor_id, one) for one in new})}


async def _judging(mongo: Mongo, users: Collection[int], version: _Version) -> frozenset[UserId]:
    """The users who mute one of the two texts, and not the other."""
    query = {"_id": {"$in": list(users)}, "muted_words.0": {"$exists": True}}
    found = mongo.collection("users").find(query, {"muted_words": 1}) if users else None
    muters = [] if found is None else [(row["_id"], muted_matcher(row["muted_words"])) async for row in found]
    return frozenset(UserId(one) for one, mutes in muters if mutes(version.text) is not mutes(version.earlier_text))


async def _author_of(mongo: Mongo, tweet_id: int | None) -> int | None:
    if tweet_id is None:
        return None
    row = await mongo.collection("tweets").find_one({"_id": tweet_id}, {"author": 1})
    return None if row is None else int(row["author"])
