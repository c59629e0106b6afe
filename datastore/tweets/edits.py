"""Edits of tweets: the document holds the newest version, and the earlier ones as `revisions`, oldest first.

An edit is one transaction: the document with all that it is found by, the job that tells timelines, and the job that
tells people who are newly mentioned. Id, place and counts stay.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from core.ids import MediaId, TweetId
from core.text.entities import Entities
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Notify, PublishEdit
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.records.items import COLLECTION, TweetRecord, to_record
from datastore.tweets.factory import to_document
from datastore.tweets.store import TweetStore

MOST_EDITS: Final = 5
_TEXT: Final = ("text", "entities", "mentioned", "tags", "lang")
_OPTIONAL: Final = ("media", "warning")


class Revision(NamedTuple):
    """An earlier version of a tweet, as a record; its `edit_id` made it, `ended_by` is the edit that replaced it."""

    tweet: TweetRecord
    ended_by: int


class EditState(NamedTuple):
    """State that an edit of a tweet needs beside it: its revisions, oldest first, and its author's own mark."""

    revisions: Sequence[Revision]
    is_sensitive: bool

    @property
    def media(self) -> set[MediaId]:
        """Pictures that earlier versions show."""
        return {media_id for revision in self.revisions for media_id in revision.tweet.media}


class EditStore:
    def __init__(self, mongo: Mongo, outbox: Outbox, items: TweetStore) -> None:
        self._mongo, self._outbox, self._items = mongo, outbox, items
        self._tweets = mongo.collection(COLLECTION)

    async def state(self, tweet: TweetRecord) -> EditState | None:
        """None if the tweet was deleted."""
        with away_as_unavailable():
            row = await self._tweets.find_one({"_id": tweet.id, "author": tweet.author_id}, {"terms": 0})
        return None if row is None else EditState(_revisions(row), row.get("isSensitive", False))

    async def versions(self, tweet_ids: Collection[TweetId]) -> dict[TweetId, list[TweetRecord]]:
        """All versions of each existing tweet, oldest first, the newest one included."""
        query, found = {"_id": {"$in": list(tweet_ids)}}, dict[TweetId, list[TweetRecord]]()
        with away_as_unavailable():
            async for row in self._tweets.find(query, {"terms": 0}):
                record = to_record(row)
                if isinstance(record, TweetRecord):
                    found[record.id] = [*[revision.tweet for revision in _revisions(row)], record]
        return found

    async def edit(self, job: PublishEdit, before: TweetRecord, after: TweetRecord) -> bool:
        """`after.is_sensitive` is its author's own mark. False, and nothing is changed, if the tweet is another by now.

        Hand both jobs over: `job`, and `mention_notice` if there is one.
        """
        became = msgspec.structs.replace(after, edit_id=job.act_id)
        notice = mention_notice(job, before, became)

        async def edit(session: Any) -> bool:
            result = await self._tweets.update_one(_unchanged(before), _change(before, became), session=session)
            if not result.matched_count:
                return False
            await self._outbox.add(session, job, was=before, became=became)
            if notice is not None:
                await self._outbox.add(session, notice)
            return True

        with away_as_unavailable():
            is_done = await self._mongo.in_transaction(edit, changing=(before.author_id,))
        await self._items.invalidate(before.id)
        return is_done


def mention_notice(job: PublishEdit, before: TweetRecord, after: TweetRecord) -> Notify | None:
    """The job that tells whom an edit newly mentions, and takes back what others were told; None if it concerns nobody.

    It also concerns who was told of the tweet: words that they mute may hide it by its new text.
    """
    others = {before.reply_to_author, *before.mentioned, *after.mentioned} - {None, before.author_id}
    is_about_nobody = not others and before.quoted_id is None
    if before.text == after.text or is_about_nobody:
        return None
    return Notify(job.act_id, ActKind.EDIT, job.author_id, job.item_id)


def _revisions(row: Mapping[str, Any]) -> list[Revision]:
    """From a tweet's document, oldest first."""
    newest = to_record(row)
    if not isinstance(newest, TweetRecord):
        return []
    return [Revision(_version(newest, one), one["until"]) for one in row.get("revisions", ())]


def _version(newest: TweetRecord, one: Mapping[str, Any]) -> TweetRecord:
    return msgspec.structs.replace(
        newest,
        text=one["text"],
        entities=msgspec.convert(one["entities"], Entities),
        mentioned=tuple(one["mentioned"]),
        tags=tuple(one["tags"]),
        lang=one["lang"],
        media=tuple(one.get("media", ())),
        content_warning=one.get("warning"),
        edit_id=one.get("edit"),
    )


def _unchanged(tweet: TweetRecord) -> Document:
    """Filter for the tweet as it was read, with fewer than the most edits, and not removed by moderators."""
    return {
        "_id": tweet.id,
        "author": tweet.author_id,
        "edit": tweet.edit_id,
        f"revisions.{MOST_EDITS - 1}": {"$exists": False},
        "removed": {"$exists": False},
    }


def _change(before: TweetRecord, after: TweetRecord) -> Document:
    was, becomes, optional = to_document(before), to_document(after), (*_OPTIONAL, "isSensitive")
    revision = {name: was[name] for name in (*_TEXT, *_OPTIONAL) if name in was} | {"until": after.edit_id}
    if before.edit_id is not None:
        revision["edit"] = before.edit_id
    gone: Document = {name: 1 for name in optional if name not in becomes}
    return {
        "$set": {name: becomes[name] for name in (*_TEXT, "terms", *optional) if name in becomes}
        | {"edit": after.edit_id},
        "$push": {"revisions": revision},
        **({"$unset": gone} if gone else {}),
    }
