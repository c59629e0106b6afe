"""Tweets that a filter of the operator holds: posted as removed ones, with a report, until moderators decide."""

from typing import Any, NamedTuple

from datastore.jobs.mails import MailRecord
from datastore.moderation.decisions import DecisionStore
from datastore.moderation.log import LogLine
from datastore.moderation.records import DecisionRecord
from datastore.moderation.reports import GivenReport, ReportStore
from datastore.mongo.client import Document


class Holding(NamedTuple):
    """A removal by a filter, which nobody made, and the report by which moderators find it."""

    decision: DecisionRecord
    line: LogLine
    report: GivenReport
    mail: MailRecord | None


class HoldStore:
    def __init__(self, decisions: DecisionStore, reports: ReportStore) -> None:
        self._decisions, self._reports = decisions, reports

    async def within(self, holding: Holding, session: Any, row: Document) -> None:
        """Within the transaction that has just inserted the tweet, whose document `row` is."""
        await self._decisions.insert_within(session, holding.decision, row, holding.line, mail=holding.mail)
        await self._reports.insert_within(session, holding.report)
