"""Answers of GraphQL over HTTP: their media type, status and headers."""

from collections.abc import Mapping
from typing import Final

from core.errors import ErrorCode, RateLimitedError
from transport.execution.answers import Answer
from transport.execution.error_masking import ErrorPayload
from transport.execution.instrumentation import count_refusal
from transport.execution.operations import Operation
from transport.http.negotiation import Accepted, Choice, MediaType
from transport.http.reply import Reply
from transport.request.graphql_request import RequestError

_STATUSES: Final = {
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.INTERNAL: 500,
    ErrorCode.UNAVAILABLE: 503,
}


def choice_for(accepted: Accepted, operation: Operation) -> Choice:
    """The form of the answer. Raises RequestError 406 where the client takes none of those that the operation has."""
    if operation.is_subscription:
        choice, wanted = accepted.several(), "text/event-stream or multipart/mixed"
    elif operation.is_incremental:
        choice, wanted = accepted.parts(), "multipart/mixed or text/event-stream"
    else:
        choice, wanted = accepted.single(), "application/graphql-response+json or application/json"
    if choice is None:
        raise RequestError(406, f"This is answered as {wanted}: accept one of them.")
    return choice


def retry_after(error: Exception) -> Mapping[str, str]:
    """The header of that name, if the error knows when to try again."""
    return {"retry-after": str(error.retry_after_seconds)} if isinstance(error, RateLimitedError) else {}


def refusal(errors: list[ErrorPayload], choice: Choice, more: Mapping[str, str]) -> Reply:
    """Answer to a request that was not executed."""
    code = ErrorCode(errors[0]["extensions"]["code"])
    count_refusal(code)
    status = _STATUSES.get(code)
    if status is None:
        # A client that names application/json predates GraphQL over HTTP, where such errors had status 200.
        status = 200 if choice.media is MediaType.JSON and choice.is_named else 400
    return json_reply({"errors": errors}, choice, status=status, more=more)


def answered(answer: Answer, choice: Choice, more: Mapping[str, str]) -> Reply:
    """Status 401 if the answer is null because nobody is signed in, 429 because a limit is reached; else 200, as always
    for older clients.
    """
    errors = answer.get("errors")
    if not errors:
        return json_reply(answer, choice, more=more)
    codes = {error["extensions"]["code"] for error in errors}
    waits = [error["extensions"].get("retryAfter", 0) for error in errors]
    more = {**more, "retry-after": str(max(waits))} if any(waits) else more
    if choice.media is MediaType.RESPONSE_JSON and answer.get("data") is None:
        if codes == {ErrorCode.UNAUTHENTICATED}:
            return json_reply(answer, choice, status=401, more={**more, "www-authenticate": "Bearer"})
        if codes == {ErrorCode.RATE_LIMITED}:
            return json_reply(answer, choice, status=429, more=more)
    return json_reply(answer, choice, more=more)


def json_reply(answer: Answer, choice: Choice, *, status: int = 200, more: Mapping[str, str] = {}) -> Reply:
    return Reply(answer, choice.media, status=status, more=more)
