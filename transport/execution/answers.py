"""GraphQL responses made of execution results, whole or in parts, with masked errors."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict, cast

import msgspec
from graphql import ExecutionResult, GraphQLError
from graphql.execution import (
    CompletedResult,
    IncrementalResult,
)

from core.errors import ErrorCode
from transport.execution.error_masking import TIMEOUT_MESSAGE, Asked, ErrorPayload, coded, execution_error


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


def answer_of(result: ExecutionResult, asked: Asked) -> Answer:
    answer: Answer = {"data": result.data}
    if result.errors:
        answer["errors"] = masked_errors(result.errors, asked)
    return answer


def masked_errors(errors: list[GraphQLError] | None, asked: Asked) -> list[ErrorPayload]:
    return [execution_error(error, asked) for error in errors or ()]


def masked_part(part: IncrementalResult | CompletedResult, asked: Asked) -> Mapping[str, object]:
    if not part.errors:
        return cast(Mapping[str, object], part.formatted)
    return {**part.formatted, "errors": masked_errors(part.errors, asked)}
