"""The moderators' room: its queues and its log, the review of campaigns and sign-ups, roles and marks of people."""

from datetime import datetime
from typing import Annotated

import strawberry

from core.ids import CampaignId, UserId, time_of
from core.moderation import ReportState
from core.roles import Role
from datastore.moderation.log import LogLine
from engine import batch_field, derived_field, read_field
from resolvers.moderation import appeals, campaigns, decisions, filters, log, reports, roles, sign_ups, verified
from schema.fields.ads.campaigns import CampaignConnection, CampaignPayload, campaign_connection, present_campaign
from schema.fields.moderation.decisions import DecisionConnection, decision_connection, decode_subject
from schema.fields.moderation.filters import FilterConnection, filter_connection
from schema.fields.moderation.reports import ReportConnection, report_connection
from schema.fields.profiles import UserPayload
from schema.request.context import Info
from schema.types.users import User, UserConnection, decode_user_id, present_user, user_connection
from schema.values import moderation_enums  # noqa: F401 - describes roles before they are used
from schema.values.connections import After, First, PageInfo, page_info, read_cursor, write_cursor
from schema.values.nodes import NodeType, decode_id, global_id
from schema.values.payloads import mutation_payload
from schema.values.scopes import BY_READ, SIGNED_IN_ALONE

CAMPAIGNS, SIGN_UPS = "Moderation.campaigns", "Moderation.signUps"
APPEALS, DECISIONS, LOG = "Moderation.appeals", "Moderation.decisions", "Moderation.log"
HISTORY, FILTERS = "Moderation.history", "Moderation.filters"

IsApproved = Annotated[bool, strawberry.argument(description="Whether it is approved; else it is refused.")]
Note = Annotated[str | None, strawberry.argument(description="For the log: 1,000 characters at most.")]


@strawberry.type(description="One line of the log, which nothing changes: who did what to whom and why.")
class LogEntry:
    line: strawberry.Private[LogLine]
    action = read_field("line.action", str, description="The act, for programs; READ: a protected tweet was looked at.")
    note = read_field("line.note", str | None, description="Why.")

    @derived_field(description="When it was done.")
    def at(self) -> datetime:
        return time_of(self.line.id)

    @batch_field(description="Who did it; null for the operator of the service, and for who is gone.")
    @staticmethod
    async def actor(entries: list["LogEntry"], info: Info) -> list[User | None]:
        ids = [one.line.actor_id for one in entries]
        found = await info.context.users.load_many([one for one in ids if one is not None])
        people = {one.id: present_user(one) for one in found if one is not None}
        return [None if one is None else people.get(one) for one in ids]

    @derived_field(description="What it was done to; it may be gone.")
    def subject_id(self) -> strawberry.ID:
        return global_id(*self.line.subject)


@strawberry.type(description="One entry of the log.")
class LogEdge:
    cursor: str = strawberry.field(description="Cursor of the entry.")
    node: LogEntry = strawberry.field(description="The line.")


@strawberry.type(description="A page of the log.")
class LogConnection:
    edges: list[LogEdge] = strawberry.field(description="The entries of this page, the newest first.")
    page_info: PageInfo = strawberry.field(description="Position of the page in the log.")


@strawberry.type(description="The moderators' room.")
class Moderation:
    @strawberry.field(description="Reports: open ones oldest first, others newest first.")
    async def reports(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        state: Annotated[ReportState, strawberry.argument(description="Which ones.")] = ReportState.OPEN,
    ) -> ReportConnection:
        field = f"Moderation.reports({state})"
        page = await reports.reports(info.context.stores.moderation, first, read_cursor(info, field, after), state)
        return report_connection(info, field, page)

    @strawberry.field(description="Decisions whose appeals wait for an answer, oldest first.")
    async def appeals(self, info: Info, first: First = 20, after: After = None) -> DecisionConnection:
        page = await appeals.waiting_appeals(info.context.stores.moderation, first, read_cursor(info, APPEALS, after))
        return decision_connection(info, APPEALS, page)

    @strawberry.field(description="Decisions that stand, newest first.")
    async def decisions(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        subject: Annotated[
            strawberry.ID | None, strawberry.argument(description="A tweet or a person; null: about all.")
        ] = None,
    ) -> DecisionConnection:
        place, about = read_cursor(info, DECISIONS, after), None if subject is None else decode_subject(subject)
        page = await decisions.standing_decisions(info.context.stores.moderation, about, first, place)
        return decision_connection(info, DECISIONS, page)

    @strawberry.field(
        description="Decisions about a person and what they wrote, newest first, also those that stand no more."
    )
    async def history(
        self,
        info: Info,
        person: Annotated[strawberry.ID, strawberry.argument(description="The person.")],
        first: First = 20,
        after: After = None,
    ) -> DecisionConnection:
        place, user_id = read_cursor(info, HISTORY, after), decode_user_id(person)
        page = await decisions.decisions_about(info.context.stores.moderation, user_id, first, place)
        return decision_connection(info, HISTORY, page)

    @strawberry.field(description="Filters of the operator, oldest first.")
    async def filters(self, info: Info, first: First = 20, after: After = None) -> FilterConnection:
        page = await filters.filters(info.context.stores.moderation, first, read_cursor(info, FILTERS, after))
        return filter_connection(info, FILTERS, page)

    @strawberry.field(description="What moderators did, and which protected tweets they looked at, newest first.")
    async def log(self, info: Info, first: First = 20, after: After = None) -> LogConnection:
        page = await log.log(info.context.stores.moderation, first, read_cursor(info, LOG, after))
        edges = [
            LogEdge(cursor=write_cursor(info, LOG, edge.place), node=LogEntry(line=edge.node)) for edge in page.edges
        ]
        return LogConnection(edges=edges, page_info=page_info(info, LOG, page))

    @strawberry.field(description="Campaigns that wait for a review, oldest first.")
    async def campaigns(self, info: Info, first: First = 20, after: After = None) -> CampaignConnection:
        place = read_cursor(info, CAMPAIGNS, after)
        page = await campaigns.campaigns_in_review(info.context.services, first, place)
        return campaign_connection(info, CAMPAIGNS, page)

    @strawberry.field(description="People who wait for approval of their sign-up, oldest first.")
    async def sign_ups(self, info: Info, first: First = 20, after: After = None) -> UserConnection:
        place = read_cursor(info, SIGN_UPS, after)
        page = await sign_ups.waiting_sign_ups(info.context.stores.users, first, place)
        return user_connection(info, SIGN_UPS, page)


@strawberry.type
class ModerationQuery:
    @strawberry.field(directives=BY_READ, description="The moderators' room; null without the role MODERATOR or ADMIN.")
    async def moderation(self, info: Info) -> Moderation | None:
        held = await roles.role_of(info.context.stores.users, info.context.identity)
        return Moderation() if held.includes(Role.MODERATOR) else None


@strawberry.type
class ModerationMutation:
    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Decides about a campaign. For moderators; nobody decides about their own.",
    )
    async def review_campaign(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The campaign.")],
        is_approved: IsApproved,
        note: Note = None,
    ) -> CampaignPayload:
        identity, number = info.context.signed_in, CampaignId(decode_id(id, NodeType.CAMPAIGN))
        act = campaigns.review_campaign(info.context.services, identity, number, is_approved=is_approved, note=note)
        return await mutation_payload(
            info, act, lambda made: CampaignPayload(campaign=present_campaign(*made)), CampaignPayload
        )

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Lets a person in who waits for approval, or deletes their account. For moderators.",
    )
    async def review_sign_up(
        self,
        info: Info,
        user_id: Annotated[strawberry.ID, strawberry.argument(description="The person.")],
        is_approved: IsApproved,
        note: Note = None,
    ) -> UserPayload:
        identity, number = info.context.signed_in, decode_user_id(user_id)
        act = sign_ups.review_sign_up(info.context.services, identity, number, is_approved=is_approved, note=note)
        return await mutation_payload(info, act, lambda user: UserPayload(user=present_user(user)), UserPayload)

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Says that a person is who they seem to be, or takes that back. For moderators.",
    )
    async def set_verified(
        self,
        info: Info,
        user_id: Annotated[strawberry.ID, strawberry.argument(description="The person.")],
        is_verified: Annotated[bool, strawberry.argument(description="Whether they are shown as verified.")],
    ) -> UserPayload:
        identity, number = info.context.signed_in, decode_user_id(user_id)
        act = verified.set_verified(info.context.services, identity, number, is_verified=is_verified)
        return await mutation_payload(info, act, lambda user: UserPayload(user=present_user(user)), UserPayload)

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Gives a person a role, or takes it. For admins, about everybody but themselves.",
    )
    async def set_role(
        self,
        info: Info,
        user_id: Annotated[strawberry.ID, strawberry.argument(description="The person.")],
        role: Annotated[Role, strawberry.argument(description="The role from now on.")],
    ) -> UserPayload:
        act = roles.set_role(info.context.services, info.context.signed_in, UserId(decode_user_id(user_id)), role)
        return await mutation_payload(info, act, lambda user: UserPayload(user=present_user(user)), UserPayload)
