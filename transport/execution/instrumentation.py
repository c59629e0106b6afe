"""Metrics, spans and log lines of operations: viewer, name, duration, errors. Never variables or answers."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager, nullcontext
from functools import cache
from time import perf_counter
from typing import Any, Protocol

import structlog
from prometheus_client import Histogram

from core.errors import ErrorCode
from core.runtime.metrics import OPERATION_ERRORS, OPERATION_SECONDS, PUSHES, REFUSALS, SUBSCRIPTIONS
from core.runtime.tracing import lasting_span
from transport.execution.answers import Answer, Encoded
from transport.execution.operation_names import NAMES, UNNAMED, cut_name
from transport.execution.operations import Operation

_log = structlog.get_logger()


class LoggedContext(Protocol):
    """A context that adds fields to the log line of its operations."""

    @property
    def log_fields(self) -> Mapping[str, object]: ...


async def instrument_stream(
    operation: Operation, context: object, answers: AsyncGenerator[Answer | Encoded, None]
) -> AsyncGenerator[Answer | Encoded, None]:
    """Yields `answers` unchanged."""
    with (
        instrument(operation, context) as note,
        lasting_span(f"graphql {operation.kind.value}", **span_attributes(operation)),
    ):
        async with aclosing(answers):
            async for answer in answers:
                note(answer)
                yield answer


@contextmanager
def instrument(operation: Operation, context: object) -> Iterator[Callable[[Answer | Encoded], None]]:
    """Gives a callback for each answer; counts and logs the operation at the end."""
    began, name, codes = perf_counter(), NAMES.label(cut_name(operation.name)), Counter[str]()
    sent = failed = 0
    pushes = PUSHES.labels(name) if operation.is_subscription else None

    def note(answer: Answer | Encoded) -> None:
        nonlocal sent, failed
        sent += 1
        if isinstance(answer, dict) and "errors" in answer:
            failed += 1
            codes.update(error["extensions"]["code"] for error in answer["errors"])
        if pushes:
            pushes.inc()

    with SUBSCRIPTIONS.track_inprogress() if operation.is_subscription else nullcontext():
        try:
            yield note
        finally:
            seconds = perf_counter() - began
            if not operation.is_subscription:
                _duration(name, operation.kind.value).observe(seconds)
            NAMES.count(cut_name(operation.name), sent - failed)
            for code, times in codes.items():
                OPERATION_ERRORS.labels(name, code).inc(times)
            _log_operation(operation, context, ms=round(seconds * 1000, 2), answers=sent, codes=codes)


def span_attributes(operation: Operation) -> dict[str, Any]:
    """Attributes of the operation's span."""
    return {"graphql.operation.name": cut_name(operation.name) or UNNAMED, "graphql.cost": operation.cost}


def count_refusal(code: ErrorCode) -> None:
    """Counts a request that was not executed."""
    REFUSALS.labels(code.value).inc()


@cache
def _duration(name: str, kind: str) -> Histogram:
    """Cached: looking a label up takes as long as counting, and there are few."""
    return OPERATION_SECONDS.labels(name, kind)


def _log_operation(operation: Operation, context: object, *, ms: float, answers: int, codes: Mapping[str, int]) -> None:
    _log.info(
        "operation",
        operation=cut_name(operation.name),
        kind=operation.kind.value,
        document=operation.digest,
        cost=operation.cost,
        ms=ms,
        answers=answers,
        **({"codes": dict(codes)} if codes else {}),
        **getattr(context, "log_fields", {}),
    )
