"""The log of moderators: who did what to whom, and why. Lines are only added, each in the transaction of its act."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from core.ids import UserId, first_id_of, wall_ms
from datastore.mongo.client import Document, Mongo, away_as_unavailable

COLLECTION = "moderation_log"
READ: Final = "READ"
JOINED_MS: Final = 10 * 60_000
"""Time within which a moderator who reads the same again makes no line of its own."""


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

    async def append_readings(self, actor: UserId, lines: Sequence[LogLine]) -> None:
        """Lines of what the actor reads, which change nothing else; one for each subject in JOINED_MS."""
        if not lines:
            return
        recent = {"_id": {"$gt": first_id_of(wall_ms() - JOINED_MS)}, "actor": actor, "action": READ}
        with away_as_unavailable():
            found = self._lines.find(recent, {"subject_type": 1, "subject": 1})
            known = {(row["subject_type"], row["subject"]) async for row in found}
            if new := [_to_document(line) for line in lines if line.subject not in known]:
                await self._lines.insert_many(new)

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
