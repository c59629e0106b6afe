"""Mutation payloads, with refusals as userErrors."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import strawberry

from core.errors import RefusalError, UserErrorCode
from schema.request.context import Info
from schema.values import enums  # noqa: F401 - describes the codes before they are used


@strawberry.type(description="A reason why a mutation was refused; then nothing was changed.")
class UserError:
    code: UserErrorCode = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people, in English.")
    field: list[str] = strawberry.field(description="Names of the input fields, outermost first.")


class Payload(Protocol):
    def __init__(self, *, user_errors: list[UserError]) -> None: ...


R = TypeVar("R")
P = TypeVar("P", bound=Payload)


@strawberry.type(description="Result of a mutation that removes something.")
class DeletePayload:
    deleted_id: strawberry.ID | None = strawberry.field(
        default=None, description="Id of the removed object; null if the mutation was refused."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


async def mutation_payload(info: Info, act: Awaitable[R], present: Callable[[R], P], payload: type[P]) -> P:
    """The payload of `act`'s result; if the act is refused, a payload with userErrors alone."""
    try:
        answer = await act
    except RefusalError as refusal:
        return payload(user_errors=user_errors(refusal))
    info.context.forget()
    return present(answer)


def user_errors(refusal: RefusalError) -> list[UserError]:
    return [UserError(code=error.code, message=error.message, field=list(error.field)) for error in refusal.errors]
