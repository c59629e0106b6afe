"""The viewer's relationship to a person."""

import strawberry

from resolvers.graph.follows import RelationshipRecord


@strawberry.type(description="The viewer's relationship to a person.")
class Relationship:
    is_following: bool = strawberry.field(description="The viewer follows them.")
    is_followed_by: bool = strawberry.field(description="They follow the viewer.")
    has_requested_follow: bool = strawberry.field(description="The viewer's follow request is pending.")
    is_blocking: bool = strawberry.field(description="The viewer blocks them.")
    is_muting: bool = strawberry.field(description="The viewer mutes them.")


def present_relationship(record: RelationshipRecord) -> Relationship:
    return Relationship(
        is_following=record.is_following,
        is_followed_by=record.is_followed_by,
        has_requested_follow=record.has_requested_follow,
        is_blocking=record.is_blocking,
        is_muting=record.is_muting,
    )
