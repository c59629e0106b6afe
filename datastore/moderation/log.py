"""The log of moderators: who did what to whom, and why. Lines are only added, each in the transaction of its act."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from core.ids import UserId
from datastore.mongo.client import Document, Mongo, away_as_unavailable

COLLECTION = "moderation_log"


class LogLine(NamedTuple):
    """`actor_id` is None for the operator's command line. `subject` is the type and the number of what was acted on."""

    id: int
    actor_id: UserId | None
    action: str
    subject: tuple[str, int]
    note: str | None = None


class ModerationLog:
    def __init__(self, mongo: Mongo) -> None:
        self._lines = mongo.collection(COLLECTION)

    async def append(self, lines: Sequence[LogLine]) -> None:
        """Lines of readings, which change nothing else."""
        if lines:
            with away_as_unavailable():
                await self._lines.insert_many([_to_document(line) for line in lines])

    async def range(self, before: int | None, limit: int) -> list[LogLine]:
        """Newest first."""
        query: Document = {} if before is None else {"_id": {"$lt": before}}
        with away_as_unavailable():
            return [_to_line(row) async for row in self._lines.find(query).sort("_id", -1).limit(limit)]


async def append_to_log(mongo: Mongo, session: Any, line: LogLine) -> None:
    await mongo.collection(COLLECTION).insert_one(_to_document(line), session=session)


def _to_document(line: LogLine) -> Document:
    kind, number = line.subject
    row = {"_id": line.id, "actor": line.actor_id, "action": line.action, "note": line.note}
    return {**row, "subject_type": kind, "subject": number}


def _to_line(row: Mapping[str, Any]) -> LogLine:
    return LogLine(row["_id"], row["actor"], row["action"], (row["subject_type"], row["subject"]), row["note"])
