"""What clients get to see of an error: a code always, and never text that was not written for them.

Whatever was not raised on purpose is logged under a request id, which is all of it that leaves the process.
"""

from typing import NotRequired, TypedDict

import structlog
from graphql import GraphQLError
from graphql.language import FormattedSourceLocation

from core.errors import CodedError, ErrorCode

INTERNAL_MESSAGE = "Internal error"
TIMEOUT_MESSAGE = "This took too long. Try again, or ask for less."

log = structlog.get_logger(__name__)


class ErrorPayload(TypedDict):
    """An entry of `errors` in a response; `extensions` holds `code`, and `requestId` where the log knows more."""

    message: str
    extensions: dict[str, str]
    locations: NotRequired[list[FormattedSourceLocation]]
    path: NotRequired[list[str | int]]


def coded(code: ErrorCode, message: str) -> ErrorPayload:
    return {"message": message, "extensions": {"code": code.value}}


def request_error(error: GraphQLError, code: ErrorCode) -> ErrorPayload:
    """An error found before execution: its text is about the request alone, and safe."""
    cause = _cause(error)
    if isinstance(cause, CodedError):
        return _placed(coded(cause.code, cause.message), error)
    return _placed(coded(code, error.message), error)


def execution_error(error: GraphQLError, request_id: str) -> ErrorPayload:
    """An error of a field, masked unless it was raised for the client to read."""
    cause = _cause(error)
    if _is_about_arguments(error) and not isinstance(cause, CodedError):
        return _placed(coded(ErrorCode.BAD_USER_INPUT, error.message), error)
    return _placed(unexpected_error(cause, request_id), error)


def unexpected_error(error: BaseException, request_id: str) -> ErrorPayload:
    """Logs the error with its traceback, unless it was to be expected."""
    if isinstance(error, CodedError):
        return coded(error.code, error.message)
    if isinstance(error, TimeoutError):
        return coded(ErrorCode.UNAVAILABLE, TIMEOUT_MESSAGE)
    log.error("unexpected error", request_id=request_id, exc_info=error)
    payload = coded(ErrorCode.INTERNAL, INTERNAL_MESSAGE)
    payload["extensions"]["requestId"] = request_id
    return payload


def _cause(error: GraphQLError) -> BaseException:
    """What was raised first, where the library wrapped it."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _is_about_arguments(error: GraphQLError) -> bool:
    """Whether the executor refused the value of an argument: only then has what it wraps nodes of its own."""
    return isinstance(error.original_error, GraphQLError) and bool(error.original_error.nodes)


def _placed(payload: ErrorPayload, error: GraphQLError) -> ErrorPayload:
    if error.locations:
        payload["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        payload["path"] = list(error.path)
    return payload
