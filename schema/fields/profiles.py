"""Profiles: a user by handle, and updateProfile."""

from typing import Annotated

import strawberry

from datastore.records.users import UserRecord
from resolvers.accounts import profiles
from resolvers.accounts.profiles import ProfileChanges
from schema.request.context import Info
from schema.types.users import User, present_user
from schema.values.payloads import UserError, mutation_payload


@strawberry.type(description="What a mutation about a person answers.")
class UserPayload:
    user: User | None = strawberry.field(default=None, description="The person, null where it was refused.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Why it was refused, else empty.")


@strawberry.input(description="What to change of one's profile; what is left out stays.")
class UpdateProfileInput:
    name: str | None = strawberry.field(default=strawberry.UNSET, description="1-50 characters.")
    bio: str | None = strawberry.field(default=strawberry.UNSET, description="Up to 160 characters; null empties it.")
    avatar_url: str | None = strawberry.field(
        default=strawberry.UNSET, description="An http or https address; null empties it."
    )
    is_protected: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether only accepted followers see one's tweets."
    )


@strawberry.type
class UserQuery:
    @strawberry.field(description="A person by handle, in whatever case; null where there is nobody of it.")
    async def user(
        self, info: Info, handle: Annotated[str, strawberry.argument(description="Without the @.")]
    ) -> User | None:
        record = await profiles.by_handle(info.context.services, handle)
        return None if record is None else present_user(record)


@strawberry.type
class UserMutation:
    @strawberry.mutation(description="Changes one's profile.")
    async def update_profile(
        self,
        info: Info,
        input: Annotated[UpdateProfileInput, strawberry.argument(description="What to change.")],
    ) -> UserPayload:
        given = {name: value for name, value in vars(input).items() if value is not strawberry.UNSET}
        act = profiles.update_profile(info.context.services, info.context.signed_in, ProfileChanges(given))
        return await mutation_payload(info, act, user_payload, UserPayload)


def user_payload(record: UserRecord) -> UserPayload:
    return UserPayload(user=present_user(record))
