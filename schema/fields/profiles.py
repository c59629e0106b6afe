"""Profiles: a user by handle, and updateProfile."""

from typing import Annotated

import strawberry

from datastore.records.users import UserRecord
from resolvers.accounts import handles, profiles
from resolvers.accounts.profiles import PICTURES, ProfileChanges
from schema.request.context import Info
from schema.types.media import decode_media_id
from schema.types.users import User, present_user
from schema.values.payloads import UserError, mutation_payload
from schema.values.scopes import BY_READ, BY_WRITE


@strawberry.type(description="Result of a mutation of a person.")
class UserPayload:
    user: User | None = strawberry.field(default=None, description="The person; null if the mutation was refused.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.input(description="Changes of a profile; fields left out stay unchanged.")
class UpdateProfileInput:
    name: str | None = strawberry.field(default=strawberry.UNSET, description="1-50 characters.")
    bio: str | None = strawberry.field(default=strawberry.UNSET, description="Up to 160 characters; null empties it.")
    avatar_url: str | None = strawberry.field(
        default=strawberry.UNSET, description="Only null, which takes the picture away: `avatar` names another."
    )
    avatar: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="A READY picture of the viewer's; null takes it away."
    )
    banner: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="A READY picture of the viewer's; null takes it away."
    )
    is_protected: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether only accepted followers see the viewer's tweets."
    )


@strawberry.type
class UserQuery:
    @strawberry.field(
        directives=BY_READ,
        description="A person by handle, case-insensitive; null if there is none. A handle that was changed "
        "finds the person for 30 days.",
    )
    async def user(
        self, info: Info, handle: Annotated[str, strawberry.argument(description="With or without the @.")]
    ) -> User | None:
        record = await handles.by_handle(info.context.services.stores, handle, info.context.since)
        return None if record is None else present_user(record)


@strawberry.type
class UserMutation:
    @strawberry.mutation(directives=BY_WRITE, description="Changes the viewer's profile.")
    async def update_profile(
        self,
        info: Info,
        input: Annotated[UpdateProfileInput, strawberry.argument(description="The changes.")],
    ) -> UserPayload:
        given = {name: value for name, value in vars(input).items() if value is not strawberry.UNSET}
        for name in given.keys() & PICTURES.keys():
            given[name] = None if given[name] is None else decode_media_id(given[name])
        act = profiles.update_profile(info.context.services, info.context.signed_in, ProfileChanges(given))
        return await mutation_payload(info, act, user_payload, UserPayload)


def user_payload(record: UserRecord | None) -> UserPayload:
    """None: somebody who is not shown."""
    return UserPayload(user=None if record is None else present_user(record))
