"""Reports: one entry of the queue for all reports of a subject that wait, and a row for each person who reported it.

One person's reports of one subject are one. Who reported and was answered may do so again once the subject shows
something else.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from pymongo.errors import DuplicateKeyError

from core.errors import UnavailableError
from core.ids import UserId
from core.moderation import ReportReason, ReportState, Subject
from datastore.moderation.log import LogLine, append_to_log
from datastore.moderation.records import ReportRecord, to_report
from datastore.mongo.client import Document, Mongo, away_as_unavailable

REPORTS: Final = "reports"
REPORTERS: Final = "reporters"
_OPEN: Final = str(ReportState.OPEN)
_ATTEMPTS = 10


class GivenReport(NamedTuple):
    """`reporter` is None for a filter of the operator. `content`: digest of what the reporter saw of the subject.

    `edit_id`: the edit that made this version of a tweet, None for a person, and for a tweet as it was posted.
    """

    id: int
    subject: Subject
    person_id: UserId
    reporter: UserId | None
    reason: ReportReason
    comment: str | None
    content: str
    edit_id: int | None = None


class OwnReport(NamedTuple):
    """A person's own part in a report, with what they saw of the subject."""

    report: ReportRecord
    reason: ReportReason
    comment: str | None
    content: str
    edit_id: int | None


class ReportStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._reports, self._reporters = mongo.collection(REPORTS), mongo.collection(REPORTERS)

    async def insert(self, given: GivenReport) -> ReportRecord:
        """Joins the reports of the subject that wait, or begins new ones. The report as it stands then."""
        for _ in range(_ATTEMPTS):
            try:
                with away_as_unavailable():
                    return await self._mongo.in_transaction(
                        lambda session: self.insert_within(session, given), changing=(given.subject.id,)
                    )
            except DuplicateKeyError:
                continue  # another process began the same entry, or took the same report, at this moment
        raise UnavailableError("The database")

    async def insert_within(self, session: Any, given: GivenReport) -> ReportRecord:
        """As `insert`, within a larger transaction. Raises DuplicateKeyError where it may be repeated."""
        own = await self._own(session, given.subject, given.reporter)
        if own is not None:
            report = await self._reports.find_one({"_id": own["report"]}, session=session)
            if report is not None and (report["state"] == _OPEN or own["content"] == given.content):
                return to_report(report)
        entry = {"_id": given.id, "person": given.person_id, "reason": str(given.reason), "edit": given.edit_id}
        report = await self._reports.find_one_and_update(
            {"subject": given.subject.id, "subject_type": str(given.subject.kind), "state": _OPEN},
            {"$inc": {"reporters": 0 if given.reporter is None else 1}, "$setOnInsert": entry},
            upsert=True,
            return_document=True,
            session=session,
        )
        row = _row_of(given, report["_id"])
        if own is not None:
            await self._reporters.update_one({"_id": own["_id"]}, {"$set": row}, session=session)
        else:
            await self._reporters.insert_one({"_id": given.id, **row}, session=session)
        return to_report(report)

    async def own(self, subject: Subject, reporter: UserId) -> OwnReport | None:
        """The person's report of the subject; None if there is none."""
        with away_as_unavailable():
            row = await self._own(None, subject, reporter)
            report = None if row is None else await self._reports.find_one({"_id": row["report"]})
        if row is None or report is None:
            return None
        reason = ReportReason(row["reason"])
        return OwnReport(to_report(report), reason, row["comment"], row["content"], row.get("edit"))

    async def get(self, report_id: int) -> ReportRecord | None:
        with away_as_unavailable():
            row = await self._reports.find_one({"_id": report_id})
        return None if row is None else to_report(row)

    async def range(self, state: ReportState, after: int | None, limit: int) -> list[ReportRecord]:
        """Open ones oldest first, others newest first, beyond the report `after`."""
        order, beyond = (1, "$gt") if state is ReportState.OPEN else (-1, "$lt")
        query: Document = {"state": str(state), **({} if after is None else {"_id": {beyond: after}})}
        with away_as_unavailable():
            return [to_report(row) async for row in self._reports.find(query).sort("_id", order).limit(limit)]

    async def comments(self, report_ids: Sequence[int], limit: int) -> Mapping[int, list[str]]:
        """The comments of the first reporters of each report that have one, up to `limit`, oldest first."""
        found: dict[int, list[str]] = {one: [] for one in report_ids}
        pipeline: list[Document] = [
            {"$match": {"report": {"$in": list(report_ids)}, "comment": {"$gt": ""}}},
            {"$sort": {"report": 1, "_id": 1}},
            {"$group": {"_id": "$report", "comments": {"$firstN": {"input": "$comment", "n": limit}}}},
        ]
        with away_as_unavailable():
            for row in await self._mongo.aggregate(REPORTERS, pipeline):
                found[row["_id"]] = row["comments"]
        return found

    async def dismiss(self, report_id: int, line: LogLine) -> ReportRecord | None:
        """With the line of the log. The report as it is then, changed only if it was open; None if there is none."""

        async def dismiss(session: Any) -> Document | None:
            row: Document | None = await self._reports.find_one_and_update(
                {"_id": report_id, "state": _OPEN},
                {"$set": {"state": str(ReportState.DISMISSED)}},
                return_document=True,
                session=session,
            )
            if row is None:
                return await self._reports.find_one({"_id": report_id}, session=session)  # type: ignore[no-any-return]
            await append_to_log(self._mongo, session, line)
            return row

        with away_as_unavailable():
            row = await self._mongo.in_transaction(dismiss)
        return None if row is None else to_report(row)

    async def delete_of(self, user_id: UserId) -> None:
        """Deletes the reports about a person and their tweets, and what the person reported."""
        with away_as_unavailable():
            ids = [row["_id"] async for row in self._reports.find({"person": user_id}, {"_id": 1})]
            await self._reporters.delete_many({"report": {"$in": ids}})
            await self._reporters.delete_many({"reporter": user_id})
            await self._reports.delete_many({"person": user_id})

    async def _own(self, session: Any, subject: Subject, reporter: UserId | None) -> Document | None:
        query = {"subject": subject.id, "reporter": reporter or 0}
        row: Document | None = await self._reporters.find_one(query, session=session)
        return row


async def resolve_reports(mongo: Mongo, session: Any, subject: Subject, decision_id: int) -> None:
    """Within the transaction of a decision about the subject."""
    query = {"subject": subject.id, "subject_type": str(subject.kind), "state": _OPEN}
    change = {"$set": {"state": str(ReportState.RESOLVED), "decision": decision_id}}
    await mongo.collection(REPORTS).update_many(query, change, session=session)


def _row_of(given: GivenReport, report_id: int) -> Document:
    return {
        "subject": given.subject.id,
        "reporter": given.reporter or 0,
        "report": report_id,
        "reason": str(given.reason),
        "comment": given.comment,
        "content": given.content,
        "edit": given.edit_id,
    }
