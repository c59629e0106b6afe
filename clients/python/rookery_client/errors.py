"""The errors that calls raise: RookeryError, and those of its kinds that a caller treats otherwise."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from rookery_client.generated import UserError

_PASSING = ("NETWORK", "UNAVAILABLE", "RATE_LIMITED")


class RookeryError(Exception):
    """An answer without data. `code` is the server's; NETWORK without an answer, UNREADABLE where its form is unknown.

    `retry_after` is in seconds, None where the server names no time.
    """

    def __init__(self, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.retry_after = code, message, retry_after

    @property
    def is_passing(self) -> bool:
        """Whether the same may work a moment later."""
        return self.code in _PASSING


class RefusedError(RookeryError):
    """A mutation that was not done; `errors` say why, by field."""

    def __init__(self, errors: Sequence[UserError]) -> None:
        super().__init__(errors[0].code, errors[0].message)
        self.errors = errors


class SignedOutError(RookeryError):
    """The session is over, or there was none: sign in again."""

    def __init__(self, message: str = "nobody is signed in") -> None:
        super().__init__("UNAUTHENTICATED", message)


class ReplacedError(SignedOutError):
    """Somebody signed in or out while the server was asked: what one person began does not go on as another."""

    def __init__(self) -> None:
        super().__init__("somebody else has signed in")


class TokenRefusedError(RookeryError):
    """The token ran out, or its session is over; None where there was none."""

    def __init__(self, token: str | None) -> None:
        super().__init__("UNAUTHENTICATED", "the token was refused")
        self.token = token


class Fault(msgspec.Struct):
    """An error of a GraphQL answer."""

    message: str
    extensions: dict[str, Any] = {}


class _Payload(Protocol):
    @property
    def user_errors(self) -> tuple[UserError, ...]: ...


Payload = TypeVar("Payload", bound=_Payload)


def error_of(faults: Sequence[Fault]) -> RookeryError:
    """The error for those of an answer, of which there is one at least."""
    codes = [fault.extensions.get("code", "INTERNAL") for fault in faults]
    if "UNAUTHENTICATED" in codes:
        return SignedOutError(faults[codes.index("UNAUTHENTICATED")].message)
    return RookeryError(codes[0], faults[0].message, faults[0].extensions.get("retryAfter"))


def done(payload: Payload) -> Payload:
    """The payload of a mutation that was done. Raises RefusedError where it was not."""
    if payload.user_errors:
        raise RefusedError(payload.user_errors)
    return payload
