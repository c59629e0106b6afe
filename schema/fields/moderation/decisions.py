"""Decisions of moderators and appeals against them: their types, and the mutations."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from core.errors import BadIdError, RefusalError, UserErrorCode
from core.ids import time_of
from core.moderation import ModerationAction, ReportReason, Subject, SubjectKind
from datastore.moderation.records import AppealRecord, DecisionRecord
from datastore.timelines.rules import HydratedItem
from engine import Results, batch_field, derived_field, read_field
from resolvers.moderation import appeals, decisions
from resolvers.moderation.decisions import Deciding
from resolvers.moderation.subjects import SeenSubject
from resolvers.pages import Page
from schema.request.context import Info
from schema.request.dataloader import load_all
from schema.types.tweets import Tweet, present_tweet
from schema.types.users import User, present_user
from schema.values import moderation_enums  # noqa: F401 - describes actions and reasons before they are used
from schema.values.connections import PageInfo, page_info, write_cursor
from schema.values.nodes import Node, NodeType, decode_global_id, decode_id, id_field
from schema.values.payloads import UserError, mutation_payload
from schema.values.scopes import SIGNED_IN_ALONE

ReportSubject: TypeAlias = Annotated[
    Tweet | User, strawberry.union("ReportSubject", description="What is reported, or decided about.")
]


@strawberry.type(description="Words of the person whom a decision concerns, and their answer.")
class Appeal:
    record: strawberry.Private[AppealRecord]
    text = read_field("record.text", str, description="Why they think that it is wrong.")
    created_at = read_field("record.at", datetime, description="When they wrote.")
    is_granted = read_field(
        "record.is_granted", bool | None, description="Whether the decision was revoked by it; null while it waits."
    )
    answer = read_field("record.answer", str | None, description="What moderators answered.")


@strawberry.type(
    description="A decision of moderators about a tweet or a person; whom it concerns and moderators see it. It "
    "stands until it is revoked or has run out."
)
class Decision(Node):
    record: strawberry.Private[DecisionRecord]
    id: strawberry.ID = id_field(NodeType.DECISION, "record.id")
    action = read_field("record.action", ModerationAction, description="The act.")
    reason = read_field("record.reason", ReportReason, description="Its reason.")
    explanation = read_field("record.explanation", str | None, description="Words for the person concerned.")
    until = read_field("record.until", datetime | None, description="When it runs out; null: never.")
    revoked_at = read_field(
        "record.revoked_at", datetime | None, description="When it was revoked, or ran out; null while it stands."
    )

    @batch_field(description="The tweet or the person; null if it is gone, or the viewer may not see it.")
    @staticmethod
    def subject(found: list["Decision"], info: Info) -> Results[ReportSubject | None]:
        return load_all(info.context.subjects, [one.record.subject for one in found], present_subject)

    @derived_field(description="When it was made.")
    def created_at(self) -> datetime:
        return time_of(self.record.id)

    @derived_field(description="The appeal of the person concerned; null if there is none.")
    def appeal(self) -> Appeal | None:
        return None if self.record.appeal is None else Appeal(record=self.record.appeal)


@strawberry.type(description="One entry of a list of decisions.")
class DecisionEdge:
    cursor: str = strawberry.field(description="Cursor of the entry.")
    node: Decision = strawberry.field(description="The decision.")


@strawberry.type(description="A page of a list of decisions.")
class DecisionConnection:
    edges: list[DecisionEdge] = strawberry.field(description="The entries of this page.")
    page_info: PageInfo = strawberry.field(description="Position of the page in the list.")


@strawberry.type(description="Result of a mutation of a decision.")
class DecisionPayload:
    decision: Decision | None = strawberry.field(default=None, description="Null if the mutation was refused.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.input(description="A decision to make.")
class ModerateInput:
    subject: strawberry.ID = strawberry.field(description="A tweet or a person.")
    action: ModerationAction = strawberry.field(
        description="MARK_SENSITIVE and REMOVE are for tweets, LIMIT and SUSPEND for people, WARN for both."
    )
    reason: ReportReason = strawberry.field(description="Its reason.")
    explanation: str | None = strawberry.field(
        default=None, description="Words for the person concerned, at most 1,000 characters."
    )
    until: datetime | None = strawberry.field(
        default=None, description="When it runs out, in the future; null: it stands until it is revoked."
    )
    version: str | None = strawberry.field(
        default=None, description="Report.version as it was when deciding; if another one is current: CONFLICT."
    )


DecisionIdArgument = Annotated[strawberry.ID, strawberry.argument(description="The decision.")]


@strawberry.type
class DecisionMutation:
    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Decides about a tweet or a person, which resolves the reports of it. For moderators, about "
        "members; for admins, about everybody but themselves.",
    )
    async def moderate(
        self, info: Info, input: Annotated[ModerateInput, strawberry.argument(description="The decision.")]
    ) -> DecisionPayload:
        identity = info.context.signed_in
        deciding = Deciding(
            decode_subject(input.subject), input.action, input.reason, input.explanation, input.until, input.version
        )
        act = decisions.moderate(info.context.services, identity, deciding)
        return await mutation_payload(info, act, _payload, DecisionPayload)

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Revokes a decision; does nothing to one that stands no more. For moderators.",
    )
    async def revoke_decision(
        self,
        info: Info,
        id: DecisionIdArgument,
        note: Annotated[str | None, strawberry.argument(description="For the log: 1,000 characters at most.")] = None,
    ) -> DecisionPayload:
        identity, number = info.context.signed_in, decode_id(id, NodeType.DECISION)
        act = decisions.revoke_decision(info.context.services, identity, number, note)
        return await mutation_payload(info, act, _payload, DecisionPayload)

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Appeals against a decision that stands, once, by whom it concerns.",
    )
    async def appeal(
        self,
        info: Info,
        text: Annotated[str, strawberry.argument(description="1-2,000 characters.")],
        decision_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="A decision about the viewer; or a token.")
        ] = None,
        token: Annotated[
            str | None,
            strawberry.argument(description="From the mail, for who is suspended and can't sign in; or a decision."),
        ] = None,
    ) -> DecisionPayload:
        services = info.context.services
        if (decision_id is None) is (token is None):
            refusal = RefusalError.of(UserErrorCode.INVALID, "Give a decision or a token, one of them.", "decisionId")
            return await mutation_payload(info, _refuse(refusal), _payload, DecisionPayload)
        if token is not None:
            act = appeals.appeal_by_token(services.stores.moderation, token, text)
        else:
            identity, number = info.context.signed_in, decode_id(str(decision_id), NodeType.DECISION)
            act = appeals.appeal(services.stores.moderation, identity, number, text)
        return await mutation_payload(info, act, _payload, DecisionPayload)

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Answers an appeal; granted, it revokes the decision. For moderators.",
    )
    async def answer_appeal(
        self,
        info: Info,
        decision_id: DecisionIdArgument,
        is_granted: Annotated[bool, strawberry.argument(description="Whether the decision is revoked.")],
        answer: Annotated[str, strawberry.argument(description="For the person concerned: 1-2,000 characters.")],
    ) -> DecisionPayload:
        identity, number = info.context.signed_in, decode_id(decision_id, NodeType.DECISION)
        act = appeals.answer_appeal(info.context.services, identity, number, is_granted=is_granted, answer=answer)
        return await mutation_payload(info, act, _payload, DecisionPayload)


def decode_subject(text: str) -> Subject:
    """Raises BadIdError for anything but the id of a tweet or a person."""
    kind, number = decode_global_id(text)
    if kind not in tuple(SubjectKind):
        raise BadIdError(text, f"is the id of a {kind}, not of a Tweet or a User.")
    return Subject(SubjectKind(kind), int(number))


def present_subject(seen: SeenSubject | None) -> Tweet | User | None:
    if seen is None:
        return None
    if isinstance(seen.shown, HydratedItem):
        return None if seen.shown.tweet is None else present_tweet(seen.shown.tweet, seen.shown)
    return present_user(seen.shown)


def present_decision(record: DecisionRecord) -> Decision:
    return Decision(record=record)


def decision_connection(info: Info, field: str, page: Page[DecisionRecord]) -> DecisionConnection:
    edges = [
        DecisionEdge(cursor=write_cursor(info, field, edge.place), node=present_decision(edge.node))
        for edge in page.edges
    ]
    return DecisionConnection(edges=edges, page_info=page_info(info, field, page))


def _payload(record: DecisionRecord) -> DecisionPayload:
    return DecisionPayload(decision=present_decision(record))


async def _refuse(refusal: RefusalError) -> DecisionRecord:
    raise refusal
