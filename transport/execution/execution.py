"""Runs operations: one answer for a query or mutation, any number for a subscription, each masked.

Strawberry's schema extensions are not run; limits, masking and timeouts stand here and before it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, NotRequired, TypedDict, TypeGuard, TypeVar, cast

import msgspec
import strawberry
from graphql import ExecutionResult, GraphQLError, GraphQLSchema
from graphql.execution import (
    CompletedResult,
    Executor,
    ExperimentalIncrementalExecutionResults,
    IncrementalResult,
    InitialIncrementalExecutionResult,
    PendingResult,
    SubsequentIncrementalExecutionResult,
    create_source_event_stream,
    execute_subscription_event,
    map_source_to_response_event,
)
from strawberry.execution import optimized_is_awaitable

from core.errors import ErrorCode
from core.runtime.deadlines import Deadlines
from core.runtime.tracing import lasting_span, span
from transport.execution.compilation import Compilation, Compiled
from transport.execution.error_masking import TIMEOUT_MESSAGE, ErrorPayload, coded, execution_error
from transport.execution.instrumentation import observed, observing, traced
from transport.execution.operations import Operation, RefusedError, variable_errors
from transport.execution.shared_events import EventContext, Pushed, Sharing, event_of, plain
from transport.limits.limits import Limits

T = TypeVar("T")


class Answer(TypedDict):
    """A GraphQL response, or one part of it where it is delivered in parts."""

    data: NotRequired[object]
    errors: NotRequired[list[ErrorPayload]]
    hasNext: NotRequired[bool]
    pending: NotRequired[list[object]]
    incremental: NotRequired[list[object]]
    completed: NotRequired[list[object]]


Encoded = msgspec.Raw
"""An answer without errors, as JSON already."""


def graphql_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """What graphql-core executes; Strawberry keeps it under a private name."""
    return schema._schema  # noqa: SLF001


class Execution:
    """Runs operations on one Strawberry schema."""

    def __init__(self, schema: strawberry.Schema, limits: Limits, *, suggestions: bool, engine: bool) -> None:
        self._schema = graphql_schema(schema)
        self._executor_class = schema.execution_context_class
        self._limits = limits
        self.deadlines = Deadlines(limits.operation_seconds)
        self._suggestions = suggestions
        self._compilation = Compilation(schema, suggestions=suggestions) if engine else None

    async def answer(self, operation: Operation, context: object, *, request_id: str) -> Answer:
        """Of a query or mutation. Raises RefusedError where the variables do not fit."""
        with observing(operation, context) as note, span(f"graphql {operation.kind.value}", **traced(operation)):
            if compiled := self._compiled(operation):
                answer = await self._compiled_answer(compiled, context, request_id)
            else:
                async with aclosing(self._results(self._executor(operation, context), request_id)) as answers:
                    answer = cast(Answer, await anext(answers))
            note(answer)
        return answer

    async def stream(
        self, operation: Operation, context: object, *, request_id: str
    ) -> AsyncGenerator[Answer | Encoded, None]:
        """Its answers one after the other; to be closed.

        Raises RefusedError for what is wrong before the first answer, and whatever the source of a subscription raises.
        """
        compiled = self._compiled(operation)
        answers: AsyncGenerator[Answer | Encoded, None]
        if operation.is_subscription:
            executor = self._executor(operation, context)
            source = await self._source(executor, request_id)
            if compiled:
                return self._compiled_events(operation, compiled, source, context, request_id)
            events = map_source_to_response_event(executor, plain(source, context), execute_subscription_event)
            answers = self._events(events, request_id)
        elif compiled:
            answers = self._compiled_result(compiled, context, request_id)
        else:
            answers = self._results(self._executor(operation, context), request_id)
        return observed(operation, context, answers)

    def _compiled(self, operation: Operation) -> Compiled | None:
        return self._compilation.of(operation) if self._compilation else None

    async def _compiled_result(
        self, compiled: Compiled, context: object, request_id: str
    ) -> AsyncGenerator[Answer | Encoded, None]:
        yield await self._compiled_answer(compiled, context, request_id)

    async def _compiled_events(
        self, operation: Operation, compiled: Compiled, source: AsyncIterable[object], context: object, request_id: str
    ) -> AsyncGenerator[Answer | Encoded, None]:
        """Observed here: a generator around this one would cost something of each event."""
        sharing = Sharing(operation, compiled) if isinstance(context, EventContext) else None
        with observing(operation, context) as note, lasting_span("graphql subscription", **traced(operation)):
            async with aclosing(cast(AsyncGenerator[object, None], source)) as events:
                async for event in events:
                    encoded = None
                    if sharing and isinstance(event, Pushed):
                        encoded = await sharing.encoded(event, cast(EventContext, context))
                    if encoded is None:
                        root, own = event_of(event, context)
                        answer: Answer | Encoded = _answer(await compiled.run(own, root), request_id)
                    else:
                        answer = Encoded(encoded)
                    note(answer)
                    yield answer

    async def _compiled_answer(self, compiled: Compiled, context: object, request_id: str) -> Answer:
        try:
            with self.deadlines.limit():
                return _answer(await compiled.run(context), request_id)
        except TimeoutError:
            return _timed_out()

    def _executor(self, operation: Operation, context: object) -> Executor[Any]:
        executor = self._executor_class.build(
            self._schema,
            operation.document,
            context_value=context,
            raw_variable_values=operation.request.variables,
            operation_name=operation.request.operation_name,
            is_awaitable=cast(Callable[[object], TypeGuard[Awaitable[Any]]], optimized_is_awaitable),
            hide_suggestions=not self._suggestions,
            operation_extensions=operation.request.extensions,
        )
        if isinstance(executor, list):
            raise variable_errors(executor)
        return executor

    async def _results(self, executor: Executor[Any], request_id: str) -> AsyncGenerator[Answer | Encoded, None]:
        try:
            async with asyncio.timeout(self._limits.operation_seconds):
                outcome = await _settled(executor, executor.execute_operation())
        except TimeoutError:
            yield _timed_out()
            return
        if isinstance(outcome, ExperimentalIncrementalExecutionResults):
            async for answer in self._parts(outcome, request_id):
                yield answer
        else:
            yield _answer(cast(ExecutionResult, outcome), request_id)

    async def _parts(
        self, results: ExperimentalIncrementalExecutionResults, request_id: str
    ) -> AsyncGenerator[Answer, None]:
        yield _first_part(results.initial_result, request_id)
        pending = {each.id: each for each in results.initial_result.pending}
        deadline = asyncio.get_running_loop().time() + self._limits.operation_seconds
        async with aclosing(results.subsequent_results) as parts:
            while True:
                try:
                    async with asyncio.timeout_at(deadline):
                        part = await anext(parts)
                except StopAsyncIteration:
                    return
                pending.update({each.id: each for each in part.pending or ()})
                yield _later_part(part, pending, request_id)

    async def _source(self, executor: Executor[Any], request_id: str) -> AsyncIterable[object]:
        async with asyncio.timeout(self._limits.operation_seconds):
            source = await _settled(executor, create_source_event_stream(executor))
        if isinstance(source, ExecutionResult):
            raise RefusedError(*_errors(source.errors, request_id))
        return cast(AsyncIterable[object], source)

    async def _events(
        self, events: AsyncGenerator[ExecutionResult, None], request_id: str
    ) -> AsyncGenerator[Answer | Encoded, None]:
        async with aclosing(events) as results:
            async for result in results:
                yield _answer(result, request_id)


async def _settled(executor: Executor[Any], value: Awaitable[T] | T) -> T:
    return await cast(Awaitable[T], value) if executor.is_awaitable(value) else cast(T, value)


def _timed_out() -> Answer:
    return {"data": None, "errors": [coded(ErrorCode.UNAVAILABLE, TIMEOUT_MESSAGE)]}


def _answer(result: ExecutionResult, request_id: str) -> Answer:
    answer: Answer = {"data": result.data}
    if result.errors:
        answer["errors"] = _errors(result.errors, request_id)
    return answer


def _first_part(result: InitialIncrementalExecutionResult, request_id: str) -> Answer:
    answer: Answer = {"data": result.data, "hasNext": result.has_next}
    answer["pending"] = [pending.formatted for pending in result.pending]
    if result.errors:
        answer["errors"] = _errors(result.errors, request_id)
    return answer


def _later_part(
    result: SubsequentIncrementalExecutionResult, pending: Mapping[str, PendingResult], request_id: str
) -> Answer:
    answer: Answer = {"hasNext": result.has_next}
    if result.pending:
        answer["pending"] = [each.formatted for each in result.pending]
    if result.incremental:
        answer["incremental"] = [_placed(part, pending[part.id], request_id) for part in result.incremental]
    if result.completed:
        answer["completed"] = [_masked(part, request_id) for part in result.completed]
    return answer


def _placed(part: IncrementalResult, pending: PendingResult, request_id: str) -> Mapping[str, object]:
    """With its whole path and its label, for clients of before there were ids."""
    return {**_masked(part, request_id), "path": [*pending.path, *(part.sub_path or ())], "label": pending.label}


def _masked(part: IncrementalResult | CompletedResult, request_id: str) -> Mapping[str, object]:
    if not part.errors:
        return cast(Mapping[str, object], part.formatted)
    return {**part.formatted, "errors": _errors(part.errors, request_id)}


def _errors(errors: list[GraphQLError] | None, request_id: str) -> list[ErrorPayload]:
    return [execution_error(error, request_id) for error in errors or ()]
