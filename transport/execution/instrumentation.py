"""What is counted and logged of every operation: who, what, how long. Never its variables, nor what it answers."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager, nullcontext
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from prometheus_client import Histogram

from core.errors import ErrorCode
from core.runtime.metrics import OPERATION_ERRORS, OPERATION_SECONDS, PUSHES, REFUSALS, SUBSCRIPTIONS
from core.runtime.tracing import lasting_span

if TYPE_CHECKING:
    from transport.execution.execution import Answer, Encoded
    from transport.execution.operations import Operation

MOST_NAMES = 200
"""Clients name their operations as they like; further names are counted together."""
OTHER, UNNAMED = "other", "unnamed"
_names: set[str] = set()
_log = structlog.get_logger()


class LoggedContext(Protocol):
    """A context that knows what its operations are to be logged with."""

    @property
    def log_fields(self) -> Mapping[str, object]: ...


async def observed(
    operation: "Operation", context: object, answers: "AsyncGenerator[Answer | Encoded, None]"
) -> "AsyncGenerator[Answer | Encoded, None]":
    """The same answers."""
    with observing(operation, context) as note, lasting_span(f"graphql {operation.kind.value}", **traced(operation)):
        async with aclosing(answers):
            async for answer in answers:
                note(answer)
                yield answer


@contextmanager
def observing(operation: "Operation", context: object) -> "Iterator[Callable[[Answer | Encoded], None]]":
    """Call what it gives with each answer; counts and logs the operation at the end."""
    began, name, codes = perf_counter(), label_of(operation.name), Counter[str]()
    sent = 0
    pushes = PUSHES.labels(name) if operation.is_subscription else None

    def note(answer: "Answer | Encoded") -> None:
        nonlocal sent
        sent += 1
        if isinstance(answer, dict) and "errors" in answer:
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
            for code, times in codes.items():
                OPERATION_ERRORS.labels(name, code).inc(times)
            _log_operation(operation, context, ms=round(seconds * 1000, 2), answers=sent, codes=codes)


def traced(operation: "Operation") -> dict[str, Any]:
    """What a span says of an operation."""
    return {"graphql.operation.name": operation.name or UNNAMED, "graphql.cost": operation.cost}


def refused(code: ErrorCode) -> None:
    """Counts a request of which nothing was executed."""
    REFUSALS.labels(code.value).inc()


def label_of(name: str | None) -> str:
    """The operation's name for a metric's label."""
    if name is None:
        return UNNAMED
    if name not in _names:
        if len(_names) >= MOST_NAMES:
            return OTHER
        _names.add(name)
    return name


@cache
def _duration(name: str, kind: str) -> Histogram:
    """Of a label of which there are few; looking one up takes as long as counting."""
    return OPERATION_SECONDS.labels(name, kind)


def _log_operation(
    operation: "Operation", context: object, *, ms: float, answers: int, codes: Mapping[str, int]
) -> None:
    _log.info(
        "operation",
        operation=operation.name,
        kind=operation.kind.value,
        document=operation.digest,
        cost=operation.cost,
        ms=ms,
        answers=answers,
        **({"codes": dict(codes)} if codes else {}),
        **getattr(context, "log_fields", {}),
    )
