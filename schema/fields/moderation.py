"""Moderation: the queue of campaigns, their review, and roles."""

from typing import Annotated

import strawberry

from core.ids import CampaignId, UserId
from core.roles import Role
from resolvers.moderation import campaigns, roles, sign_ups
from schema.fields.campaigns import CampaignConnection, CampaignPayload, campaign_connection, present_campaign
from schema.fields.profiles import UserPayload
from schema.request.context import Info
from schema.types.users import UserConnection, decode_user_id, present_user, user_connection
from schema.values import enums  # noqa: F401 - describes roles before they are used
from schema.values.connections import After, First, read_cursor
from schema.values.nodes import NodeType, decode_id
from schema.values.payloads import mutation_payload
from schema.values.scopes import BY_READ, SIGNED_IN_ALONE

CAMPAIGNS, SIGN_UPS = "Moderation.campaigns", "Moderation.signUps"

IsApproved = Annotated[bool, strawberry.argument(description="Whether it is approved; else it is refused.")]
Note = Annotated[str | None, strawberry.argument(description="For the log: 1,000 characters at most.")]


@strawberry.type(description="The moderators' room.")
class Moderation:
    @strawberry.field(description="Campaigns that wait for a review, oldest first.")
    async def campaigns(self, info: Info, first: First = 20, after: After = None) -> CampaignConnection:
        place = read_cursor(info, CAMPAIGNS, after)
        page = await campaigns.campaigns_in_review(info.context.services, first, place)
        return campaign_connection(info, CAMPAIGNS, page)

    @strawberry.field(description="People who wait for approval of their sign-up, oldest first.")
    async def sign_ups(self, info: Info, first: First = 20, after: After = None) -> UserConnection:
        place = read_cursor(info, SIGN_UPS, after)
        page = await sign_ups.waiting_sign_ups(info.context.services, first, place)
        return user_connection(info, SIGN_UPS, page)


@strawberry.type
class ModerationQuery:
    @strawberry.field(directives=BY_READ, description="The moderators' room; null without the role MODERATOR or ADMIN.")
    async def moderation(self, info: Info) -> Moderation | None:
        held = await roles.role_of(info.context.services, info.context.identity)
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
