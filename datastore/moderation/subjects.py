"""Subjects of reports and decisions as moderators see them, with the version that a decision must not overtake.

A version is made of what is shown of a subject and of the newest act of moderators on it, which its document holds as
`moderated`. Each decision writes that field, so that of two decisions at once one sees the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, TypeAlias

import msgspec

from core.ids import UserId
from core.moderation import Subject, SubjectKind
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED, GoneError
from datastore.records.items import ItemRecord, to_record
from datastore.records.users import UserRecord, to_profile

_COLLECTIONS: Mapping[SubjectKind, str] = {SubjectKind.TWEET: "tweets", SubjectKind.PERSON: "users"}
_EXISTING: Mapping[SubjectKind, Document] = {SubjectKind.TWEET: {"retweet_of": None}, SubjectKind.PERSON: NOT_DELETED}
_VERSION_BYTES = 12
_encode = msgspec.msgpack.Encoder().encode
Shown: TypeAlias = ItemRecord | UserRecord


class SubjectRecord(NamedTuple):
    """A subject as it exists, whatever was decided about it, and its version."""

    shown: Shown
    version: str


class SubjectStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def get_many(self, subjects: Iterable[Subject]) -> dict[Subject, SubjectRecord]:
        """Those that exist, read from MongoDB."""
        wanted, found = set(subjects), dict[Subject, SubjectRecord]()
        for kind in SubjectKind:
            ids = [subject.id for subject in wanted if subject.kind is kind]
            if not ids:
                continue
            with away_as_unavailable():
                rows = self._mongo.collection(_COLLECTIONS[kind]).find({"_id": {"$in": ids}, **_EXISTING[kind]})
                found |= {Subject(kind, row["_id"]): _record_of(kind, row) async for row in rows}
        return found


async def lock_subject(mongo: Mongo, session: Any, subject: Subject, person_id: UserId, act_id: int) -> Document:
    """Makes the transaction the only one to decide about the subject; returns its document as it was.

    Raises GoneError if it is deleted.
    """
    query = {"_id": subject.id, **_EXISTING[subject.kind]}
    if subject.kind is SubjectKind.TWEET:
        query["author"] = person_id
    collection, change = mongo.collection(_COLLECTIONS[subject.kind]), {"$set": {"moderated": act_id}}
    row: Document | None = await collection.find_one_and_update(query, change, session=session)
    if row is None:
        raise GoneError(subject.id)
    return row


def version_of(kind: SubjectKind, row: Mapping[str, Any]) -> str:
    return _record_of(kind, row).version


def content_of(shown: Shown) -> str:
    """A digest of what is shown of a subject."""
    return _digest([shown])


def _record_of(kind: SubjectKind, row: Mapping[str, Any]) -> SubjectRecord:
    shown = to_record(row) if kind is SubjectKind.TWEET else to_profile(row)
    return SubjectRecord(shown, _digest([content_of(shown), row.get("moderated", 0)]))


def _digest(parts: Sequence[Any]) -> str:
    return blake2b(_encode(parts), digest_size=_VERSION_BYTES).hexdigest()
