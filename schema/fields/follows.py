"""Relationships between people: follow, follow requests, block, mute. All mutations are idempotent."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from core.ids import UserId
from datastore.records.users import UserRecord
from resolvers.graph import blocks, follow_requests, follows
from resolvers.identity import Identity
from resolvers.services import Services
from schema.fields.profiles import UserPayload, user_payload
from schema.request.context import Info
from schema.types.users import decode_user_id
from schema.values.payloads import mutation_payload
from schema.values.scopes import BY_WRITE

_ActOnPerson = Callable[[Services, Identity, UserId], Awaitable[UserRecord | None]]
UserIdArgument = Annotated[strawberry.ID, strawberry.argument(description="The person.")]


@strawberry.type
class FollowMutation:
    @strawberry.mutation(
        directives=BY_WRITE, description="Follows a person; sends a follow request to a protected account."
    )
    async def follow(self, info: Info, user_id: UserIdArgument) -> UserPayload:
        return await _act(info, follows.follow, user_id)

    @strawberry.mutation(directives=BY_WRITE, description="Stops following a person, or withdraws the follow request.")
    async def unfollow(self, info: Info, user_id: UserIdArgument) -> UserPayload:
        return await _act(info, follows.unfollow, user_id)

    @strawberry.mutation(
        directives=BY_WRITE, description="Ends a person's follow of the viewer; the person is not notified."
    )
    async def remove_follower(self, info: Info, user_id: UserIdArgument) -> UserPayload:
        return await _act(info, follows.remove_follower, user_id)

    @strawberry.mutation(directives=BY_WRITE, description="Accepts a follow request.")
    async def accept_follow_request(self, info: Info, user_id: UserIdArgument) -> UserPayload:
        return await _act(info, follow_requests.accept, user_id)

    @strawberry.mutation(directives=BY_WRITE, description="Rejects a follow request; the person is not notified.")
    async def reject_follow_request(self, info: Info, user_id: UserIdArgument) -> UserPayload:
        return await _act(info, follow_requests.reject, user_id)

    @strawberry.mutation(
        directives=BY_WRITE,
        description="Blocks a person: neither sees the other's tweets; follows and requests end both ways.",
    )
    async def block(self, info: Info, user_id: UserIdArgument) -> UserPayload:
        return await _act(info, blocks.block, user_id)

    @strawberry.mutation(directives=BY_WRITE, description="Ends a block; earlier follows are not restored.")
    async def unblock(self, info: Info, user_id: UserIdArgument) -> UserPayload:
        return await _act(info, blocks.unblock, user_id)

    @strawberry.mutation(
        directives=BY_WRITE,
        description="Hides a person from the home timeline and from notifications; they notice nothing.",
    )
    async def mute(self, info: Info, user_id: UserIdArgument) -> UserPayload:
        return await _act(info, blocks.mute, user_id)

    @strawberry.mutation(directives=BY_WRITE, description="Ends a mute.")
    async def unmute(self, info: Info, user_id: UserIdArgument) -> UserPayload:
        return await _act(info, blocks.unmute, user_id)


async def _act(info: Info, act: _ActOnPerson, user_id: str) -> UserPayload:
    identity = info.context.signed_in
    return await mutation_payload(
        info, act(info.context.services, identity, decode_user_id(user_id)), user_payload, UserPayload
    )
