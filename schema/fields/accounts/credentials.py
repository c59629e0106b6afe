"""Ways into an account and back into it: verification, reset of the password, change of address and handle."""

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from core.errors import RefusalError
from resolvers.accounts import addresses, handles, resets
from schema.fields.accounts.sessions import AuthPayload, auth_payload
from schema.fields.accounts.viewer import ViewerPayload, present_viewer
from schema.fields.profiles import UserPayload, user_payload
from schema.request.context import Info
from schema.values.payloads import UserError, mutation_payload, user_errors
from schema.values.scopes import SIGNED_IN_ALONE

Password = Annotated[str, strawberry.argument(description="The viewer's password, to confirm.")]
MailToken = Annotated[str, strawberry.argument(description="The token of the mail.")]


@strawberry.type(directives=SIGNED_IN_ALONE, description="Result of a request that says nothing of what it led to.")
class AcceptedPayload:
    accepted: bool = strawberry.field(default=False, description="Whether it was taken.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.type
class CredentialMutation:
    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Verifies an e-mail address by the token of the mail that register and changeEmail send; it serves "
        "once, for 24 hours. Needs no sign-in: `viewer` is null without one.",
    )
    async def verify_email(self, info: Info, token: MailToken) -> ViewerPayload:
        context = info.context
        try:
            await addresses.verify_email(context.services, context.identity, token)
        except RefusalError as refusal:
            return ViewerPayload(user_errors=user_errors(refusal))
        context.forget()
        return ViewerPayload(viewer=await present_viewer(info) if context.has_viewer else None)

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Sends the mail of the verification again; its token ends the earlier ones.",
    )
    async def resend_verification(self, info: Info) -> AcceptedPayload:
        return await _accepted(addresses.resend_verification(info.context.services, info.context.signed_in))

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Answers alike for everybody; a mail goes out where there is such an account. Its token serves "
        "once, for an hour.",
    )
    async def request_password_reset(
        self, info: Info, login: Annotated[str, strawberry.argument(description="Handle or e-mail address.")]
    ) -> AcceptedPayload:
        return await _accepted(resets.request_password_reset(info.context.services, login))

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Sets a password by the token of the mail that requestPasswordReset sends, ends all sessions and "
        "signs in.",
    )
    async def reset_password(
        self, info: Info, token: MailToken, new: Annotated[str, strawberry.argument(description="The new password.")]
    ) -> AuthPayload:
        context = info.context
        return await auth_payload(info, resets.reset_password(context.services, token, new, address=context.address))

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Changes the e-mail address: the old one is told, the new one counts once it is verified.",
    )
    async def change_email(
        self,
        info: Info,
        email: Annotated[str, strawberry.argument(description="The new address.")],
        password: Password,
    ) -> ViewerPayload:
        context = info.context
        act = addresses.change_email(context.services, context.signed_in, email, password, address=context.address)
        try:
            await act
        except RefusalError as refusal:
            return ViewerPayload(user_errors=user_errors(refusal))
        context.forget()
        return ViewerPayload(viewer=await present_viewer(info))

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Changes the handle. The old one leads here for 30 days and is nobody else's for 90.",
    )
    async def change_handle(
        self,
        info: Info,
        handle: Annotated[str, strawberry.argument(description="1-15 of letters, digits and underscore.")],
        password: Password,
    ) -> UserPayload:
        context = info.context
        act = handles.change_handle(context.services, context.signed_in, handle, password, address=context.address)
        return await mutation_payload(info, act, user_payload, UserPayload)


async def _accepted(act: Awaitable[None]) -> AcceptedPayload:
    try:
        await act
    except RefusalError as refusal:
        return AcceptedPayload(user_errors=user_errors(refusal))
    return AcceptedPayload(accepted=True)
