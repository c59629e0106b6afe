"""Scoped tokens: createAccessToken, revokeAccessToken."""

from datetime import datetime
from typing import Annotated

import strawberry

from core.auth.scopes import Scope
from core.ids import AccessTokenId
from datastore.auth.access_tokens import AccessTokenRecord
from resolvers.accounts import access_tokens
from resolvers.accounts.access_tokens import WantedToken
from schema.request.context import Info
from schema.values.nodes import Node, NodeType, decode_id, global_id
from schema.values.payloads import DeletePayload, UserError, mutation_payload
from schema.values.scopes import SIGNED_IN_ALONE


@strawberry.type(
    directives=SIGNED_IN_ALONE,
    description="A token for a program or a page of somebody else: it does what its scopes name and nothing more.",
)
class AccessToken(Node):
    name: str = strawberry.field(description="The name that its owner gave it.")
    scopes: list[Scope] = strawberry.field(description="What it may do.")
    origin: str | None = strawberry.field(
        description="The origin whose pages alone may use it; null: pages of every origin, and programs."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="When it runs out.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, to within minutes; null if never."
    )


@strawberry.input(description="A token to make.")
class CreateAccessTokenInput:
    name: str = strawberry.field(description="1-50 characters, to know it again.")
    scopes: list[Scope] = strawberry.field(description="What it may do; one at least.")
    origin: str | None = strawberry.field(
        default=None,
        description="Binds it to pages of one origin, such as https://example.org: it is refused with any other "
        "Origin header and without one.",
    )
    days: int = strawberry.field(default=90, description="How long it lasts: 1-365 days.")
    password: str = strawberry.field(description="The viewer's password.")


@strawberry.type(directives=SIGNED_IN_ALONE, description="Result of createAccessToken.")
class AccessTokenPayload:
    access_token: AccessToken | None = strawberry.field(default=None, description="Null if the mutation was refused.")
    secret: str | None = strawberry.field(
        default=None, description="Send it as `Authorization: Bearer ...`. It is shown this once."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.type
class AccessTokenMutation:
    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Makes a token that does what its scopes name and nothing more. At most 100 a person.",
    )
    async def create_access_token(
        self, info: Info, input: Annotated[CreateAccessTokenInput, strawberry.argument(description="The token.")]
    ) -> AccessTokenPayload:
        context, identity = info.context, info.context.signed_in
        wanted = WantedToken(input.name, input.scopes, input.origin, input.days)
        act = access_tokens.create(context.services, identity, wanted, input.password, address=context.address)
        return await mutation_payload(info, act, _created, AccessTokenPayload)

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE, description="Ends a token; its sockets and event streams within seconds."
    )
    async def revoke_access_token(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A token of the viewer.")]
    ) -> DeletePayload:
        identity, number = info.context.signed_in, AccessTokenId(decode_id(id, NodeType.ACCESS_TOKEN))
        act = access_tokens.revoke(info.context.stores.users, identity, number)
        return await mutation_payload(
            info, act, lambda ended: DeletePayload(deleted_id=global_id(NodeType.ACCESS_TOKEN, ended)), DeletePayload
        )


def present_access_token(record: AccessTokenRecord) -> AccessToken:
    return AccessToken(
        id=global_id(NodeType.ACCESS_TOKEN, record.id),
        name=record.name,
        scopes=list(record.scopes),
        origin=record.origin,
        created_at=record.created_at,
        expires_at=record.expires_at,
        last_used_at=record.last_used_at,
    )


def _created(made: tuple[AccessTokenRecord, str]) -> AccessTokenPayload:
    record, secret = made
    return AccessTokenPayload(access_token=present_access_token(record), secret=secret)
