"""Stores of moderation: reports, decisions, appeals, the log."""

from dataclasses import dataclass

from datastore.jobs.stores import JobStores
from datastore.moderation.appeals import AppealStore
from datastore.moderation.decisions import DecisionStore
from datastore.moderation.log import ModerationLog
from datastore.moderation.reports import ReportStore
from datastore.moderation.subjects import SubjectStore
from datastore.mongo.client import Mongo


@dataclass(frozen=True, slots=True)
class ModerationStores:
    reports: ReportStore
    decisions: DecisionStore
    appeals: AppealStore
    subjects: SubjectStore
    log: ModerationLog


def moderation_stores(mongo: Mongo, *, jobs: JobStores) -> ModerationStores:
    decisions = DecisionStore(mongo, jobs.outbox)
    return ModerationStores(
        reports=ReportStore(mongo),
        decisions=decisions,
        appeals=AppealStore(mongo, jobs.outbox, decisions),
        subjects=SubjectStore(mongo),
        log=ModerationLog(mongo),
    )
