"""Runs operations: one answer for a query or mutation, any number for a subscription, errors masked.

Strawberry's schema extensions are not run; this module and the preparation apply limits, masking and timeouts.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, TypeGuard, TypeVar, cast

import strawberry
from graphql import ExecutionResult
from graphql.execution import (
    Executor,
    ExperimentalIncrementalExecutionResults,
    create_source_event_stream,
    execute_subscription_event,
    map_source_to_response_event,
)
from strawberry.execution import optimized_is_awaitable

from core.errors import ArgumentError
from core.runtime.deadlines import Deadlines
from transport.execution.answers import (
    Answer,
    Encoded,
    answer_of,
    masked_errors,
    timeout_answer,
)
from transport.execution.argument_errors import named_message
from transport.execution.compilation import Compilation, CompiledOperation, graphql_schema
from transport.execution.error_masking import Asked, coded
from transport.execution.incremental import IncrementalParts
from transport.execution.instrumentation import (
    Instrumented,
    instrument_stream,
    lasting_operation_span,
    operation_span,
)
from transport.execution.operations import Operation, RefusedError, variable_errors
from transport.execution.shared_events import (
    SharedEvent,
    SharedEventEncoder,
    SubscriptionContext,
    own_event,
    own_events,
)
from transport.limits.limits import Limits

T = TypeVar("T")


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
        """Answer of a query or mutation. Raises RefusedError for invalid variables."""
        asked = Asked(request_id, operation.definition, operation.request.variables or {})
        with Instrumented(operation, context) as instrumented, operation_span(operation):
            if compiled := self._compiled(operation):
                answer = await self._compiled_answer(compiled, context, asked)
            else:
                async with aclosing(self._core_answers(self._executor(operation, context), asked)) as answers:
                    answer = cast(Answer, await anext(answers))
            instrumented.note(answer)
        return answer

    async def stream(
        self, operation: Operation, context: object, *, request_id: str
    ) -> AsyncGenerator[Answer | Encoded, None]:
        """Answers in order; the caller closes the generator.

        Raises RefusedError for faults found before the first answer, and whatever the source of a subscription raises.
        """
        asked = Asked(request_id, operation.definition, operation.request.variables or {})
        compiled = self._compiled(operation)
        answers: AsyncGenerator[Answer | Encoded, None]
        if operation.is_subscription:
            executor = self._executor(operation, context)
            source = await self._event_source(executor, asked)
            if compiled:
                return self._compiled_events(operation, compiled, source, context, asked)
            events = map_source_to_response_event(executor, own_events(source, context), execute_subscription_event)
            answers = self._core_events(operation, events, asked)
        elif compiled:
            answers = self._compiled_result(compiled, context, asked)
        else:
            answers = self._core_answers(self._executor(operation, context), asked)
        return instrument_stream(operation, context, answers)

    def _compiled(self, operation: Operation) -> CompiledOperation | None:
        return self._compilation.compile(operation) if self._compilation else None

    async def _compiled_result(
        self, compiled: CompiledOperation, context: object, asked: Asked
    ) -> AsyncGenerator[Answer | Encoded, None]:
        yield await self._compiled_answer(compiled, context, asked)

    async def _compiled_events(
        self,
        operation: Operation,
        compiled: CompiledOperation,
        source: AsyncIterable[object],
        context: object,
        asked: Asked,
    ) -> AsyncGenerator[Answer | Encoded, None]:
        """Instrumented here: a wrapping generator would cost time for each event."""
        encoder = SharedEventEncoder(operation, compiled) if isinstance(context, SubscriptionContext) else None
        with (
            Instrumented(operation, context) as instrumented,
            lasting_operation_span(operation),
            _naming_arguments(operation, asked),
        ):
            async with aclosing(cast(AsyncGenerator[object, None], source)) as events:
                async for event in events:
                    encoded = None
                    if encoder and isinstance(event, SharedEvent):
                        encoded = await encoder.encode(event, cast(SubscriptionContext, context))
                    if encoded is None:
                        root, own = own_event(event, context)
                        answer: Answer | Encoded = answer_of(await compiled.run(own, root), asked)
                    else:
                        answer = Encoded(encoded)
                    instrumented.note(answer)
                    yield answer

    async def _compiled_answer(self, compiled: CompiledOperation, context: object, asked: Asked) -> Answer:
        try:
            with self.deadlines.limit():
                return answer_of(await compiled.run(context), asked)
        except TimeoutError:
            return timeout_answer()

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

    async def _core_answers(self, executor: Executor[Any], asked: Asked) -> AsyncGenerator[Answer | Encoded, None]:
        try:
            async with asyncio.timeout(self._limits.operation_seconds):
                outcome = await _awaited(executor, executor.execute_operation())
        except TimeoutError:
            yield timeout_answer()
            return
        if isinstance(outcome, ExperimentalIncrementalExecutionResults):
            async for answer in self._incremental_answers(outcome, asked):
                yield answer
        else:
            yield answer_of(cast(ExecutionResult, outcome), asked)

    async def _incremental_answers(
        self, results: ExperimentalIncrementalExecutionResults, asked: Asked
    ) -> AsyncGenerator[Answer, None]:
        incremental = IncrementalParts(asked)
        yield incremental.initial(results.initial_result)
        deadline = asyncio.get_running_loop().time() + self._limits.operation_seconds
        async with aclosing(results.subsequent_results) as parts:
            while True:
                try:
                    async with asyncio.timeout_at(deadline):
                        part = await anext(parts)
                except StopAsyncIteration:
                    return
                yield incremental.subsequent(part)

    async def _event_source(self, executor: Executor[Any], asked: Asked) -> AsyncIterable[object]:
        async with asyncio.timeout(self._limits.operation_seconds):
            source = await _awaited(executor, create_source_event_stream(executor))
        if isinstance(source, ExecutionResult):
            raise RefusedError(*masked_errors(source.errors, asked))
        return cast(AsyncIterable[object], source)

    async def _core_events(
        self, operation: Operation, events: AsyncGenerator[ExecutionResult, None], asked: Asked
    ) -> AsyncGenerator[Answer | Encoded, None]:
        with _naming_arguments(operation, asked):
            async with aclosing(events) as results:
                async for result in results:
                    yield answer_of(result, asked)


@contextmanager
def _naming_arguments(operation: Operation, asked: Asked) -> Iterator[None]:
    """For the source of a subscription, whose errors have no place in the document."""
    try:
        yield
    except ArgumentError as error:
        roots = operation.definition.selection_set.selections
        raise RefusedError(coded(error.code, named_message(error, roots, asked.variables))) from None


async def _awaited(executor: Executor[Any], value: Awaitable[T] | T) -> T:
    return await cast(Awaitable[T], value) if executor.is_awaitable(value) else cast(T, value)
