"""Shared events: an event with the same answer for several subscribers is executed and encoded once for all of them.

The answer may be shared if executing the event used nothing that depends on the viewer. Only the cursor differs per
subscriber; it is inserted into the encoded bytes.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterator, MutableMapping
from contextlib import aclosing
from secrets import token_urlsafe
from typing import Any, Protocol, cast, runtime_checkable

import msgspec
from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, Node, VariableNode

from transport.execution.compilation import CompiledOperation
from transport.execution.operations import Operation

_CURSOR = token_urlsafe(24)
"""Placeholder of the cursor in shared bytes; random, so that no text of a user can equal it."""
_ENCODED_CURSOR = _CURSOR.encode()

EncodedParts = list[bytes]
"""Encoded answer, split at its cursors; empty if the answer depends on the viewer."""


class SharedEvent:
    """Yielded by the source of a subscription in place of an event that may be shared.

    `build` makes the event from a context and a cursor. `answer_cache` is one object for all subscribers of the event.
    """

    __slots__ = ("answer_cache", "build", "cursor")

    def __init__(
        self, build: Callable[[Any, str], object], cursor: str, answer_cache: MutableMapping[object, object]
    ) -> None:
        self.build, self.cursor, self.answer_cache = build, cursor, answer_cache


class SharedEventContext(Protocol):
    @property
    def is_personal(self) -> bool:
        """Whether anything that depends on the viewer was read from this context."""


@runtime_checkable
class SubscriptionContext(Protocol):
    """A subscription's context, which makes a context for each event."""

    def forget(self) -> None:
        """Drops cached look-ups."""

    def for_event(self) -> object: ...

    def for_shared_event(self) -> SharedEventContext: ...


def own_event(event: object, context: object) -> tuple[object, object]:
    """Event and context for one subscriber alone."""
    if not isinstance(event, SharedEvent):
        return event, context
    own = context.for_event() if isinstance(context, SubscriptionContext) else context
    return event.build(own, event.cursor), own


async def own_events(source: AsyncIterable[object], context: object) -> AsyncGenerator[object, None]:
    """Events for graphql-core, which executes all of them in one context."""
    async with aclosing(cast(AsyncGenerator[object, None], source)) as events:
        async for event in events:
            if isinstance(event, SharedEvent) and isinstance(context, SubscriptionContext):
                context.forget()
            yield event.build(context, event.cursor) if isinstance(event, SharedEvent) else event


class SharedEventEncoder:
    """Encodes the events of one subscription; subscribers with the same plan and variables share encoded answers."""

    def __init__(self, operation: Operation, compiled: CompiledOperation) -> None:
        self._compiled = compiled
        names = set(_variables_below_the_root(operation.document, operation))
        given = operation.request.variables or {}
        variables = {name: given[name] for name in sorted(names) if name in given}
        self._key = (compiled.plan, msgspec.json.encode(variables))

    async def encode(self, event: SharedEvent, context: SubscriptionContext) -> bytes | None:
        """The encoded answer; None if the event must be executed for this subscriber alone."""
        known = event.answer_cache.get(self._key)
        if known is None:
            known = event.answer_cache[self._key] = self._begin(event, context)
        parts = known if isinstance(known, list) else await asyncio.shield(cast("asyncio.Future[EncodedParts]", known))
        return event.cursor.encode().join(parts) if parts else None

    def _begin(self, event: SharedEvent, context: SubscriptionContext) -> "EncodedParts | asyncio.Future[EncodedParts]":
        """Usually completes without waiting, as nothing is left to look up; otherwise starts again in a task."""
        execution = self._encode_parts(event, context)
        try:
            waits_for = execution.send(None)
        except StopIteration as done:
            parts: EncodedParts = done.value
            return parts
        waits_for._asyncio_future_blocking = False  # noqa: SLF001 - it is not waited for here
        execution.close()
        return asyncio.ensure_future(self._encode_parts(event, context))

    async def _encode_parts(self, event: SharedEvent, context: SubscriptionContext) -> EncodedParts:
        shared = context.for_shared_event()
        result = await self._compiled.run(shared, event.build(shared, _CURSOR))
        if result.errors or shared.is_personal:
            return []
        return msgspec.json.encode({"data": result.data}).split(_ENCODED_CURSOR)


def _variables_below_the_root(document: DocumentNode, operation: Operation) -> Iterator[str]:
    """Excludes arguments of the subscription's root field: they say where to start, not what an event looks like."""
    for selected in operation.definition.selection_set.selections:
        if isinstance(selected, FieldNode):
            yield from _variables(selected.directives)
            yield from _variables(selected.selection_set)
        else:
            yield from _variables(selected)
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            yield from _variables(definition)


def _variables(node: object) -> Iterator[str]:
    if isinstance(node, VariableNode):
        yield node.name.value
    elif isinstance(node, Node):
        for key in node.keys:
            yield from _variables(getattr(node, key))
    elif isinstance(node, list | tuple):
        for one in node:
            yield from _variables(one)
