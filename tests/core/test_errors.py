"""Errors: the codes and messages that clients see."""

import pytest

from core.errors import (
    BadCursorError,
    BadInputError,
    CodedError,
    ErrorCode,
    RateLimitedError,
    RefusalError,
    UnauthenticatedError,
    UnavailableError,
    UserError,
    UserErrorCode,
)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (UnauthenticatedError(), "UNAUTHENTICATED", "Sign in first: this needs a valid access token."),
        (BadInputError("wrong"), "BAD_USER_INPUT", "wrong"),
        (BadCursorError("old"), "BAD_CURSOR", "This cursor was not given by this field."),
        (RateLimitedError("later", 3, "POST"), "RATE_LIMITED", "later"),
        (UnavailableError("MongoDB"), "UNAVAILABLE", "MongoDB is away at the moment. Try again soon."),
    ],
)
def test_coded_error_has_its_code_and_a_safe_message(error: CodedError, code: str, message: str) -> None:
    assert (error.code, error.message, str(error)) == (ErrorCode(code), message, message)


def test_refusal_carries_user_errors_with_paths() -> None:
    assert RefusalError.of(UserErrorCode.TAKEN, "Taken.", "input", "handle").errors == (
        UserError(UserErrorCode.TAKEN, "Taken.", ("input", "handle")),
    )
    two = RefusalError(UserError(UserErrorCode.INVALID, "a"), UserError(UserErrorCode.TOO_LONG, "b", ("text",)))
    assert str(two) == "a, b"
    assert [error.field for error in two.errors] == [(), ("text",)]
