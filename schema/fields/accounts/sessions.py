"""Sessions: register, login, refreshTokens, logout."""

from collections.abc import Awaitable
from datetime import date, datetime
from typing import Annotated

import strawberry

from core.errors import RefusalError
from core.ids import SessionId
from resolvers.accounts import registration, sessions
from resolvers.accounts.registration import Registration
from resolvers.accounts.sessions import SignedIn
from schema.fields.accounts.viewer import Viewer, present_viewer
from schema.request.context import Info
from schema.values.devices import DeviceInput, device_of
from schema.values.nodes import NodeType, decode_id, global_id
from schema.values.payloads import DeletePayload, UserError, mutation_payload, user_errors
from schema.values.scopes import SIGNED_IN_ALONE


@strawberry.type(directives=SIGNED_IN_ALONE, description="Tokens of a session.")
class AuthTokens:
    access_token: str = strawberry.field(description="Send as `Authorization: Bearer ...`. Lasts 15 minutes.")
    refresh_token: str = strawberry.field(description="Gets new tokens, once. Lasts 60 days.")
    expires_at: datetime = strawberry.field(description="When the access token runs out.")


@strawberry.type(directives=SIGNED_IN_ALONE, description="Result of signing up or in.")
class AuthPayload:
    tokens: AuthTokens | None = strawberry.field(
        default=None,
        description="Null if the mutation was refused, and from register where an address must be verified first.",
    )
    viewer: Viewer | None = strawberry.field(default=None, description="Null where tokens are.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.input(description="A new account.")
class RegisterInput:
    handle: str = strawberry.field(
        description="1-15 of letters, digits and underscore; nobody else's in whatever case."
    )
    name: str = strawberry.field(description="1-50 characters.")
    email: str = strawberry.field(description="An address that no other account has.")
    password: str = strawberry.field(description="8-128 characters after NFKC, none of the most common passwords.")
    date_of_birth: date | None = strawberry.field(
        default=None, description="Not visible to anybody else. Whoever is too young can't sign up."
    )
    device: DeviceInput | None = strawberry.field(default=None, description="The device in use.")


@strawberry.input(description="A sign-in.")
class LoginInput:
    login: str = strawberry.field(description="Handle or e-mail address.")
    password: str = strawberry.field(description="The password.")
    device: DeviceInput | None = strawberry.field(default=None, description="The device in use.")


@strawberry.type
class SessionMutation:
    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Makes an account and signs in, and sends a mail to verify the address. Where the server demands "
        "the verification, the answer has neither tokens nor errors, whether or not the address has an account.",
    )
    async def register(
        self, info: Info, input: Annotated[RegisterInput, strawberry.argument(description="The account.")]
    ) -> AuthPayload:
        wanted = Registration(
            handle=input.handle,
            name=input.name,
            email=input.email,
            password=input.password,
            date_of_birth=input.date_of_birth,
            device=device_of(input.device),
        )
        return await auth_payload(
            info, registration.register(info.context.services, wanted, address=info.context.address)
        )

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Signs in. RATE_LIMITED after 5 failures within 15 minutes with a login from one address, and "
        "after 50 from everywhere.",
    )
    async def login(
        self, info: Info, input: Annotated[LoginInput, strawberry.argument(description="The sign-in.")]
    ) -> AuthPayload:
        context = info.context
        act = sessions.login(
            context.services, input.login, input.password, device=device_of(input.device), address=context.address
        )
        return await auth_payload(info, act)

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="New tokens. A refresh token serves once: within 10 s a second use gets the same tokens again (a "
        "lost answer, a second tab), later it revokes the whole session.",
    )
    async def refresh_tokens(
        self,
        info: Info,
        refresh_token: Annotated[str, strawberry.argument(description="The session's latest one.")],
    ) -> AuthPayload:
        return await auth_payload(info, sessions.refresh_tokens(info.context.services, refresh_token))

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Ends the session, its sockets too, within seconds; the current one where no id is given.",
    )
    async def logout(
        self,
        info: Info,
        session_id: Annotated[strawberry.ID | None, strawberry.argument(description="A session of the viewer.")] = None,
    ) -> DeletePayload:
        number = None if session_id is None else SessionId(decode_id(session_id, NodeType.SESSION))
        act = sessions.logout(info.context.stores.users, info.context.signed_in, number)
        return await mutation_payload(
            info, act, lambda ended: DeletePayload(deleted_id=global_id(NodeType.SESSION, ended)), DeletePayload
        )


async def auth_payload(info: Info, act: Awaitable[SignedIn | None]) -> AuthPayload:
    """Without tokens where the act signs nobody in."""
    try:
        signed_in = await act
    except RefusalError as refusal:
        return AuthPayload(user_errors=user_errors(refusal))
    if signed_in is None:
        return AuthPayload()
    info.context.sign_in(signed_in.identity)
    tokens = AuthTokens(
        access_token=signed_in.access_token,
        refresh_token=signed_in.refresh_token,
        expires_at=signed_in.identity.expires_at,
    )
    return AuthPayload(tokens=tokens, viewer=await present_viewer(info))
