"""Reports of tweets and people: their type, and the mutations."""

from datetime import datetime
from typing import Annotated

import strawberry

from core.ids import time_of
from core.moderation import ReportReason, ReportState
from datastore.timelines.rules import HydratedItem
from engine import Results, batch_field, derived_field, read_field
from resolvers.moderation import reports
from resolvers.moderation.decisions import decisions_by_id
from resolvers.moderation.reports import SeenReport
from resolvers.moderation.subjects import SeenSubject
from resolvers.pages import Page
from resolvers.tweets.edits import version_seen
from schema.fields.moderation.decisions import (
    Decision,
    ReportSubject,
    decode_subject,
    present_decision,
    present_subject,
)
from schema.request.context import Info
from schema.request.dataloader import load_all
from schema.types.revisions import Revision
from schema.values import moderation_enums  # noqa: F401 - describes reasons and states before they are used
from schema.values.connections import PageInfo, page_info, write_cursor
from schema.values.nodes import Node, NodeType, decode_id, id_field
from schema.values.payloads import UserError, mutation_payload
from schema.values.scopes import BY_WRITE, SIGNED_IN_ALONE


@strawberry.type(
    description="All reports of one tweet or person that moderators answer together. Its reporters see it with their "
    "own reason and comment and without the decision; moderators with the reason of the first one and some comments."
)
class Report(Node):
    seen: strawberry.Private[SeenReport]
    id: strawberry.ID = id_field(NodeType.REPORT, "seen.record.id")
    reason = read_field("seen.reason", ReportReason, description="Why it was reported.")
    comment = read_field("seen.comment", str | None, description="What was written about it.")
    reporters = read_field("seen.record.reporters", int, description="Number of people who reported it.")
    state = read_field("seen.record.state", ReportState, description="Whether it was answered.")

    @batch_field(
        description="The tweet or the person reported; null if it is gone, or the viewer may not see it and is no "
        "moderator."
    )
    @staticmethod
    def subject(found: list["Report"], info: Info) -> Results[ReportSubject | None]:
        return load_all(info.context.subjects, [one.seen.record.subject for one in found], present_subject)

    @derived_field(description="When it was reported first.")
    def created_at(self) -> datetime:
        return time_of(self.seen.record.id)

    @batch_field(description="The decision that resolved it, for moderators; null if none did.")
    @staticmethod
    async def decision(found: list["Report"], info: Info) -> list[Decision | None]:
        wanted = [one.seen.record.decision_id if one.seen.is_moderated else None for one in found]
        made = await decisions_by_id(info.context.stores.moderation, [one for one in wanted if one is not None])
        return [None if one is None or one not in made else present_decision(made[one]) for one in wanted]

    @strawberry.field(
        description="The version of a tweet that was reported, if it was edited since; null also if the subject is."
    )
    async def revision(self, info: Info) -> Revision | None:
        subject = await info.context.subjects.load(self.seen.record.subject)
        tweet = subject.shown.tweet if subject is not None and isinstance(subject.shown, HydratedItem) else None
        version = tweet and await version_seen(info.context.stores.tweets, tweet, self.seen.edit_id)
        return None if version is None else Revision(record=version)

    @batch_field(
        description="Version of the subject as it is: hand it to moderate. Empty if there is no subject to see."
    )
    @staticmethod
    def version(found: list["Report"], info: Info) -> Results[str]:
        return load_all(info.context.subjects, [one.seen.record.subject for one in found], _version)


@strawberry.type(description="One entry of a list of reports.")
class ReportEdge:
    cursor: str = strawberry.field(description="Cursor of the entry.")
    node: Report = strawberry.field(description="The report.")


@strawberry.type(description="A page of a list of reports.")
class ReportConnection:
    edges: list[ReportEdge] = strawberry.field(description="The entries of this page.")
    page_info: PageInfo = strawberry.field(description="Position of the page in the list.")


@strawberry.type(description="Result of a mutation of a report.")
class ReportPayload:
    report: Report | None = strawberry.field(default=None, description="Null if the mutation was refused.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.input(description="A report to make.")
class ReportInput:
    subject: strawberry.ID = strawberry.field(description="A tweet or a person.")
    reason: ReportReason = strawberry.field(description="Why.")
    comment: str | None = strawberry.field(default=None, description="Words for moderators, at most 1,000 characters.")


@strawberry.type
class ReportMutation:
    @strawberry.mutation(
        directives=BY_WRITE,
        description="Reports a tweet or a person to the moderators. One person's reports of one subject are one. Whom "
        "it is about is never told who reported.",
    )
    async def report(
        self, info: Info, input: Annotated[ReportInput, strawberry.argument(description="The report.")]
    ) -> ReportPayload:
        identity, subject = info.context.signed_in, decode_subject(input.subject)
        act = reports.report(info.context.services, identity, subject, input.reason, input.comment)
        return await mutation_payload(info, act, _payload, ReportPayload)

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE, description="Answers the reports of a subject without a decision. For moderators."
    )
    async def dismiss_report(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The report.")],
        note: Annotated[str | None, strawberry.argument(description="For the log: 1,000 characters at most.")] = None,
    ) -> ReportPayload:
        identity, number = info.context.signed_in, decode_id(id, NodeType.REPORT)
        act = reports.dismiss_report(info.context.services, identity, number, note)
        return await mutation_payload(info, act, _payload, ReportPayload)


def present_report(seen: SeenReport) -> Report:
    return Report(seen=seen)


def report_connection(info: Info, field: str, page: Page[SeenReport]) -> ReportConnection:
    edges = [
        ReportEdge(cursor=write_cursor(info, field, edge.place), node=present_report(edge.node)) for edge in page.edges
    ]
    return ReportConnection(edges=edges, page_info=page_info(info, field, page))


def _version(seen: SeenSubject | None) -> str:
    return "" if seen is None else seen.version


def _payload(seen: SeenReport) -> ReportPayload:
    return ReportPayload(report=present_report(seen))
