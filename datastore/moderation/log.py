"""The log of moderators: who did what to whom, and why. Lines are only added, each in the transaction of its act."""

from typing import Any, NamedTuple

from core.ids import UserId
from datastore.mongo.client import Mongo

COLLECTION = "moderation_log"


class LogLine(NamedTuple):
    """`actor_id` is None for the operator's command line. `subject` is the type and the number of what was acted on."""

    id: int
    actor_id: UserId | None
    action: str
    subject: tuple[str, int]
    note: str | None = None


async def append_to_log(mongo: Mongo, session: Any, line: LogLine) -> None:
    kind, number = line.subject
    row = {"_id": line.id, "actor": line.actor_id, "action": line.action, "note": line.note}
    await mongo.collection(COLLECTION).insert_one({**row, "subject_type": kind, "subject": number}, session=session)
