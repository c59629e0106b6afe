"""The tree of errors, in terms that clients may see.

A `RefusalError` is an expected answer to a mutation and becomes a userError; a `CodedError` stands in the response's
errors with its code. Neither ever carries internal text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ErrorCode(StrEnum):
    """`extensions.code` of an error."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    BAD_CURSOR = "BAD_CURSOR"
    RATE_LIMITED = "RATE_LIMITED"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_ALLOWED = "PERSISTED_QUERY_NOT_ALLOWED"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


class UserErrorCode(StrEnum):
    """Why a mutation was refused."""

    INVALID = "INVALID"
    TOO_LONG = "TOO_LONG"
    TAKEN = "TAKEN"
    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    WRONG_CREDENTIALS = "WRONG_CREDENTIALS"
    CONFLICT = "CONFLICT"
    EXPIRED = "EXPIRED"


class RookeryError(Exception):
    """Everything that this project raises on purpose."""


class CodedError(RookeryError):
    """An error for the response's `errors`; `message` is safe to show."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def extensions(self) -> Mapping[str, str | int]:
        """Extensions of the error that clients get beside the code."""
        return {}


class UnauthenticatedError(CodedError):
    def __init__(self, message: str = "Sign in first: this needs a valid access token.") -> None:
        super().__init__(ErrorCode.UNAUTHENTICATED, message)


class BadInputError(CodedError):
    def __init__(self, message: str) -> None:
        super().__init__(ErrorCode.BAD_USER_INPUT, message)


class ArgumentError(CodedError):
    """The value of an argument, which `value` is and the message never repeats, can't be what it should be."""

    def __init__(self, code: ErrorCode, subject: str, fault: str, value: str) -> None:
        super().__init__(code, f"{subject} {fault}")
        self._fault = fault
        self.value = value

    def named(self, argument: str) -> str:
        """The message with the argument's name."""
        return f"{argument} {self._fault}"


class BadIdError(ArgumentError):
    def __init__(self, value: str, fault: str = "is no valid id.") -> None:
        super().__init__(ErrorCode.BAD_USER_INPUT, "This", fault, value)


class BadCursorError(ArgumentError):
    def __init__(self, value: str) -> None:
        super().__init__(ErrorCode.BAD_CURSOR, "This cursor", "was not given by this field.", value)


class RateLimitedError(CodedError):
    """Too many requests; the client may try again after `retry_after_seconds`. `limit` names what was too much."""

    def __init__(self, message: str, retry_after_seconds: int, limit: str) -> None:
        super().__init__(ErrorCode.RATE_LIMITED, message)
        self.retry_after_seconds, self.limit = retry_after_seconds, str(limit)

    @property
    def extensions(self) -> Mapping[str, str | int]:
        return {"limit": self.limit, "retryAfter": self.retry_after_seconds}


class UnavailableError(CodedError):
    """A store does not answer; trying again later may help."""

    def __init__(self, store: str) -> None:
        super().__init__(ErrorCode.UNAVAILABLE, f"{store} is away at the moment. Try again soon.")
        self.store = store


class ValueFormatError(ValueError):
    """A scalar's refusal of a value. The text says which form is expected, and repeats nothing of the value."""


@dataclass(frozen=True, slots=True)
class UserError:
    """One reason why a mutation was refused; `field` names the input fields, outermost first."""

    code: UserErrorCode
    message: str
    field: tuple[str, ...] = ()


class RefusalError(RookeryError):
    """Raised by a use case that refuses its request, before anything was written."""

    def __init__(self, *errors: UserError) -> None:
        super().__init__(", ".join(error.message for error in errors))
        self.errors = errors

    @classmethod
    def of(cls, code: UserErrorCode, message: str, *field: str) -> "RefusalError":
        return cls(UserError(code, message, field))
