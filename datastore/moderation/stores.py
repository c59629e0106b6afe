"""Stores of moderation: reports, decisions, appeals, the log, and acts that counts leave out."""

from dataclasses import dataclass

from datastore.jobs.stores import JobStores
from datastore.moderation.appeals import AppealStore
from datastore.moderation.decisions import DecisionStore, EndAccess
from datastore.moderation.filters import FilterStore
from datastore.moderation.holding import HoldStore
from datastore.moderation.left_out_acts import LeftOutActs
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
    left_out_acts: LeftOutActs
    filters: FilterStore
    holds: HoldStore


def moderation_stores(mongo: Mongo, *, jobs: JobStores, end_access: EndAccess) -> ModerationStores:
    decisions, reports = DecisionStore(mongo, jobs.outbox, end_access), ReportStore(mongo)
    return ModerationStores(
        reports=reports,
        decisions=decisions,
        appeals=AppealStore(mongo, jobs.outbox, decisions),
        subjects=SubjectStore(mongo),
        log=ModerationLog(mongo),
        left_out_acts=LeftOutActs(mongo),
        filters=FilterStore(mongo),
        holds=HoldStore(decisions, reports),
    )
