"""Error masking: clients always get a code, and only text that was written for them.

Unexpected errors are logged with a request id; only that id leaves the process.
"""

from collections.abc import Mapping
from typing import NamedTuple, NotRequired, TypedDict, cast

import structlog
from graphql import GraphQLError, OperationDefinitionNode
from graphql.language import FormattedSourceLocation
from graphql.utilities import value_from_ast_untyped

from core.errors import ArgumentError, CodedError, ErrorCode
from transport.execution.argument_errors import named_message
from transport.execution.value_errors import without_values

INTERNAL_MESSAGE = "Internal error"
TIMEOUT_MESSAGE = "This took too long. Try again, or ask for less."

log = structlog.get_logger(__name__)


class ErrorExtensions(TypedDict):
    """`requestId` if the error was logged; `limit` and `retryAfter` (seconds) if a limit is reached."""

    code: str
    requestId: NotRequired[str]
    limit: NotRequired[str]
    retryAfter: NotRequired[int]


class ErrorPayload(TypedDict):
    """An entry of `errors` in a response."""

    message: str
    extensions: ErrorExtensions
    locations: NotRequired[list[FormattedSourceLocation]]
    path: NotRequired[list[str | int]]


class Asked(NamedTuple):
    """The request that an error answers: the id under which it is logged, its operation and the variables given."""

    request_id: str
    definition: OperationDefinitionNode
    given: Mapping[str, object]

    @property
    def variables(self) -> Mapping[str, object]:
        """As JSON, the defaults of the document among them."""
        defaults = {
            one.variable.name.value: value_from_ast_untyped(one.default_value)
            for one in self.definition.variable_definitions or ()
            if one.default_value
        }
        return {**defaults, **self.given}


def coded(code: ErrorCode, message: str) -> ErrorPayload:
    return {"message": message, "extensions": {"code": code.value}}


def coded_error(error: CodedError) -> ErrorPayload:
    extensions = cast(ErrorExtensions, {"code": error.code.value, **error.extensions})
    return {"message": error.message, "extensions": extensions}


def request_error(error: GraphQLError, code: ErrorCode, message: str | None = None) -> ErrorPayload:
    """An error found before execution, with `message` in place of its own if that could repeat values."""
    cause = _cause(error)
    if isinstance(cause, CodedError):
        return _with_location(coded_error(cause), error)
    return _with_location(coded(code, message or error.message), error)


def execution_error(error: GraphQLError, asked: Asked) -> ErrorPayload:
    """An error of a field, masked unless it was raised for the client."""
    cause = _cause(error)
    if isinstance(cause, ArgumentError):
        return _with_location(coded(cause.code, named_message(cause, error.nodes, asked.variables)), error)
    if _is_about_arguments(error) and not isinstance(cause, CodedError):
        return _with_location(coded(ErrorCode.BAD_USER_INPUT, without_values(error)), error)
    return _with_location(unexpected_error(cause, asked.request_id), error)


def unexpected_error(error: BaseException, request_id: str) -> ErrorPayload:
    """Logs the error with its traceback, unless it is a CodedError or a timeout."""
    if isinstance(error, CodedError):
        return coded_error(error)
    if isinstance(error, TimeoutError):
        return coded(ErrorCode.UNAVAILABLE, TIMEOUT_MESSAGE)
    log.error("unexpected error", request_id=request_id, exc_info=error)
    payload = coded(ErrorCode.INTERNAL, INTERNAL_MESSAGE)
    payload["extensions"]["requestId"] = request_id
    return payload


def _cause(error: GraphQLError) -> BaseException:
    """The original exception below the library's wrappers."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _is_about_arguments(error: GraphQLError) -> bool:
    """Whether the executor refused an argument's value: only then does the wrapped error have nodes of its own."""
    return isinstance(error.original_error, GraphQLError) and bool(error.original_error.nodes)


def _with_location(payload: ErrorPayload, error: GraphQLError) -> ErrorPayload:
    if error.locations:
        payload["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        payload["path"] = list(error.path)
    return payload
