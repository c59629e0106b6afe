"""GraphQL responses made of execution results, whole or in parts, with masked errors."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict, cast

import msgspec
from graphql import ExecutionResult, GraphQLError
from graphql.execution import (
    CompletedResult,
    IncrementalResult,
    InitialIncrementalExecutionResult,
    PendingResult,
    SubsequentIncrementalExecutionResult,
)

from core.errors import ErrorCode
from transport.execution.error_masking import TIMEOUT_MESSAGE, ErrorPayload, coded, execution_error


class Answer(TypedDict):
    """A GraphQL response, or one part of an incremental one."""

    data: NotRequired[object]
    errors: NotRequired[list[ErrorPayload]]
    hasNext: NotRequired[bool]
    pending: NotRequired[list[object]]
    incremental: NotRequired[list[object]]
    completed: NotRequired[list[object]]


Encoded = msgspec.Raw
"""An answer without errors, already encoded as JSON."""


def timeout_answer() -> Answer:
    return {"data": None, "errors": [coded(ErrorCode.UNAVAILABLE, TIMEOUT_MESSAGE)]}


def answer_of(result: ExecutionResult, request_id: str) -> Answer:
    answer: Answer = {"data": result.data}
    if result.errors:
        answer["errors"] = masked_errors(result.errors, request_id)
    return answer


def initial_part(result: InitialIncrementalExecutionResult, request_id: str) -> Answer:
    answer: Answer = {"data": result.data, "hasNext": result.has_next}
    answer["pending"] = [pending.formatted for pending in result.pending]
    if result.errors:
        answer["errors"] = masked_errors(result.errors, request_id)
    return answer


def subsequent_part(
    result: SubsequentIncrementalExecutionResult, pending: Mapping[str, PendingResult], request_id: str
) -> Answer:
    """`pending`: all pending results announced so far, by id."""
    answer: Answer = {"hasNext": result.has_next}
    if result.pending:
        answer["pending"] = [each.formatted for each in result.pending]
    if result.incremental:
        answer["incremental"] = [_with_path(part, pending[part.id], request_id) for part in result.incremental]
    if result.completed:
        answer["completed"] = [_masked(part, request_id) for part in result.completed]
    return answer


def masked_errors(errors: list[GraphQLError] | None, request_id: str) -> list[ErrorPayload]:
    return [execution_error(error, request_id) for error in errors or ()]


def _with_path(part: IncrementalResult, pending: PendingResult, request_id: str) -> Mapping[str, object]:
    """Adds the full path and the label, for clients that predate ids."""
    return {**_masked(part, request_id), "path": [*pending.path, *(part.sub_path or ())], "label": pending.label}


def _masked(part: IncrementalResult | CompletedResult, request_id: str) -> Mapping[str, object]:
    if not part.errors:
        return cast(Mapping[str, object], part.formatted)
    return {**part.formatted, "errors": masked_errors(part.errors, request_id)}
