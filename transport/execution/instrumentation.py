"""Metrics, spans and log lines of operations: viewer, name, duration, errors. Never variables or answers."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractContextManager, aclosing, nullcontext
from functools import cache
from time import perf_counter
from typing import Any, Final, Protocol, Self

from core.errors import ErrorCode
from core.runtime.logs import log_event
from core.runtime.metrics import OPERATION_ERRORS, OPERATION_SECONDS, PUSHES, REFUSALS, SUBSCRIPTIONS, Histogram
from core.runtime.tracing import is_tracing, lasting_span, span
from transport.execution.answers import Answer, Encoded
from transport.execution.operation_names import NAMES, UNNAMED, cut_name
from transport.execution.operations import Operation

_NO_SPAN: Final = nullcontext()


class LoggedContext(Protocol):
    """A context that adds fields to the log line of its operations."""

    @property
    def log_fields(self) -> Mapping[str, object]: ...


async def instrument_stream(
    operation: Operation, context: object, answers: AsyncGenerator[Answer | Encoded, None]
) -> AsyncGenerator[Answer | Encoded, None]:
    """Yields `answers` unchanged."""
    with Instrumented(operation, context) as instrumented, lasting_operation_span(operation):
        async with aclosing(answers):
            async for answer in answers:
                instrumented.note(answer)
                yield answer


class Instrumented:
    """One operation, from its start; counted and logged at the end of the block. Call `note` for each answer."""

    __slots__ = ("_began", "_codes", "_context", "_failed", "_label", "_name", "_operation", "_pushes", "_sent")

    def __init__(self, operation: Operation, context: object) -> None:
        self._began, self._operation, self._context = perf_counter(), operation, context
        self._name = cut_name(operation.name)
        self._label = NAMES.label(self._name)
        self._sent = self._failed = 0
        self._codes: dict[str, int] = {}
        self._pushes = PUSHES.labels(self._label) if operation.is_subscription else None

    def __enter__(self) -> Self:
        if self._pushes is not None:
            SUBSCRIPTIONS.inc()
        return self

    def note(self, answer: Answer | Encoded) -> None:
        self._sent += 1
        if isinstance(answer, dict) and "errors" in answer:
            self._failed += 1
            for error in answer["errors"]:
                code = error["extensions"]["code"]
                self._codes[code] = self._codes.get(code, 0) + 1
        if self._pushes is not None:
            self._pushes.inc()

    def __exit__(self, *_: object) -> None:
        seconds, kind = perf_counter() - self._began, self._operation.kind.value
        if self._pushes is None:
            _duration(self._label, kind).observe(seconds)
        else:
            SUBSCRIPTIONS.dec()
        NAMES.count(self._name, self._sent - self._failed)
        for code, times in self._codes.items():
            OPERATION_ERRORS.labels(self._label, code).inc(times)
        self._log(kind, round(seconds * 1000, 2))

    def _log(self, kind: str, ms: float) -> None:
        fields: dict[str, object] = {
            "operation": self._name,
            "kind": kind,
            "document": self._operation.digest,
            "cost": self._operation.cost,
            "ms": ms,
            "answers": self._sent,
        }
        if self._codes:
            fields["codes"] = self._codes
        fields |= getattr(self._context, "log_fields", {})
        log_event("operation", fields)


def operation_span(operation: Operation) -> AbstractContextManager[None]:
    """A span around one answer, parent of the spans within."""
    return span(_span_name(operation), **_span_attributes(operation)) if is_tracing() else _NO_SPAN


def lasting_operation_span(operation: Operation) -> AbstractContextManager[None]:
    """A span over many answers."""
    return lasting_span(_span_name(operation), **_span_attributes(operation)) if is_tracing() else _NO_SPAN


def count_refusal(code: ErrorCode) -> None:
    """Counts a request that was not executed."""
    REFUSALS.labels(code.value).inc()


@cache
def _duration(name: str, kind: str) -> Histogram:
    """Cached: looking a label up takes as long as counting, and there are few."""
    return OPERATION_SECONDS.labels(name, kind)


def _span_name(operation: Operation) -> str:
    return f"graphql {operation.kind.value}"


def _span_attributes(operation: Operation) -> dict[str, Any]:
    return {"graphql.operation.name": cut_name(operation.name) or UNNAMED, "graphql.cost": operation.cost}
