"""Subjects of reports and decisions as moderators see them, with the version that a decision must not overtake.

A version is made of what is shown of a subject and of the newest act of moderators on it, which its document holds as
`moderated`. Each decision writes that field, so that of two decisions at once one sees the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from core.ids import UserId
from core.moderation import Subject, SubjectKind
from datastore.mongo.client import Document, Mongo
from datastore.mongo.existence import NOT_DELETED, GoneError
from datastore.records.items import to_record
from datastore.records.users import to_profile

_COLLECTIONS: Mapping[SubjectKind, str] = {SubjectKind.TWEET: "tweets", SubjectKind.PERSON: "users"}
_EXISTING: Mapping[SubjectKind, Document] = {SubjectKind.TWEET: {"retweet_of": None}, SubjectKind.PERSON: NOT_DELETED}
_VERSION_BYTES = 12
_encode = msgspec.msgpack.Encoder().encode


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


async def read_subjects(mongo: Mongo, subjects: Iterable[Subject]) -> dict[Subject, Document]:
    """Documents of those that exist, read from MongoDB."""
    found: dict[Subject, Document] = {}
    for kind in SubjectKind:
        ids = list({subject.id for subject in subjects if subject.kind is kind})
        if ids:
            rows = mongo.collection(_COLLECTIONS[kind]).find({"_id": {"$in": ids}, **_EXISTING[kind]})
            found |= {Subject(kind, row["_id"]): row async for row in rows}
    return found


def version_of(kind: SubjectKind, row: Mapping[str, Any]) -> str:
    return _digest([content_of(kind, row), row.get("moderated", 0)])


def content_of(kind: SubjectKind, row: Mapping[str, Any]) -> str:
    """A digest of what is shown of the subject."""
    return _digest([to_record(row) if kind is SubjectKind.TWEET else to_profile(row)])


def _digest(parts: Sequence[Any]) -> str:
    return blake2b(_encode(parts), digest_size=_VERSION_BYTES).hexdigest()
