"""The viewer's relationship to a person."""

import strawberry

from core.ids import UserId
from resolvers.graph.follows import RelationshipRecord
from schema.request.context import Info


@strawberry.type(description="The viewer's relationship to a person.")
class Relationship:
    user_id: strawberry.Private[UserId]
    is_following: bool = strawberry.field(description="The viewer follows them.")

    @strawberry.field(description="They follow the viewer.")
    async def is_followed_by(self, info: Info) -> bool:
        return await info.context.followers.load(self.user_id)

    has_requested_follow: bool = strawberry.field(description="The viewer's follow request is pending.")
    is_blocking: bool = strawberry.field(description="The viewer blocks them.")
    is_muting: bool = strawberry.field(description="The viewer mutes them.")


def present_relationship(user_id: UserId, record: RelationshipRecord) -> Relationship:
    return Relationship(
        user_id=user_id,
        is_following=record.is_following,
        has_requested_follow=record.has_requested_follow,
        is_blocking=record.is_blocking,
        is_muting=record.is_muting,
    )
