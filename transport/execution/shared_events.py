"""Events that several people are told alike: executed once for all of them, and encoded once.

An event may be answered alike for others where its execution asked for nothing that depends on who is signed in. What
differs from person to person is its cursor, which is put into the bytes for each.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterator, MutableMapping
from contextlib import aclosing
from secrets import token_urlsafe
from typing import Any, Protocol, cast, runtime_checkable

import msgspec
from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, Node, VariableNode

from transport.execution.compilation import Compiled
from transport.execution.operations import Operation

_CURSOR = token_urlsafe(24)
"""Stands for each cursor in what is encoded for all; nobody can know it."""
_ENCODED_CURSOR = _CURSOR.encode()

Parts = list[bytes]
"""An encoded answer around its cursors; empty for one that is another for each person."""


class Pushed:
    """What the source of a subscription yields in place of an event that may be told alike.

    `make` makes the event for a context and a cursor. `alike` is one object for all that are told the same.
    """

    __slots__ = ("alike", "cursor", "make")

    def __init__(self, make: Callable[[Any, str], object], cursor: str, alike: MutableMapping[object, object]) -> None:
        self.make, self.cursor, self.alike = make, cursor, alike


class SharedEventContext(Protocol):
    @property
    def is_personal(self) -> bool:
        """Whether it was asked for anything that depends on who is signed in."""


@runtime_checkable
class EventContext(Protocol):
    """A context of a subscription that makes others for its events."""

    def forget(self) -> None:
        """What was looked up before."""

    def for_event(self) -> object: ...

    def for_alike(self) -> SharedEventContext: ...


def event_of(pushed: object, context: object) -> tuple[object, object]:
    """Event and context for a person by themselves."""
    if not isinstance(pushed, Pushed):
        return pushed, context
    own = context.for_event() if isinstance(context, EventContext) else context
    return pushed.make(own, pushed.cursor), own


async def plain(source: AsyncIterable[object], context: object) -> AsyncGenerator[object, None]:
    """Events as graphql-core takes them, which executes all of them in one context."""
    async with aclosing(cast(AsyncGenerator[object, None], source)) as events:
        async for event in events:
            if isinstance(event, Pushed) and isinstance(context, EventContext):
                context.forget()
            yield event.make(context, event.cursor) if isinstance(event, Pushed) else event


class Sharing:
    """Of one subscription: finds what was encoded for others who asked the same."""

    def __init__(self, operation: Operation, compiled: Compiled) -> None:
        self._compiled = compiled
        names = set(_variables_below_the_root(operation.document, operation))
        given = operation.request.variables or {}
        variables = {name: given[name] for name in sorted(names) if name in given}
        self._key = (compiled.plan, msgspec.json.encode(variables))

    async def encoded(self, pushed: Pushed, context: EventContext) -> bytes | None:
        """The encoded answer; None where the event has to be executed for this person by themselves."""
        known = pushed.alike.get(self._key)
        if known is None:
            known = pushed.alike[self._key] = self._begin(pushed, context)
        parts = known if isinstance(known, list) else await asyncio.shield(cast("asyncio.Future[Parts]", known))
        return pushed.cursor.encode().join(parts) if parts else None

    def _begin(self, pushed: Pushed, context: EventContext) -> "Parts | asyncio.Future[Parts]":
        """At once, as a rule: nothing is left to look up. What has to wait is begun anew in a task of its own."""
        execution = self._parts(pushed, context)
        try:
            waits_for = execution.send(None)
        except StopIteration as done:
            parts: Parts = done.value
            return parts
        waits_for._asyncio_future_blocking = False  # noqa: SLF001 - it is not waited for here
        execution.close()
        return asyncio.ensure_future(self._parts(pushed, context))

    async def _parts(self, pushed: Pushed, context: EventContext) -> Parts:
        shared = context.for_alike()
        result = await self._compiled.run(shared, pushed.make(shared, _CURSOR))
        if result.errors or shared.is_personal:
            return []
        return msgspec.json.encode({"data": result.data}).split(_ENCODED_CURSOR)


def _variables_below_the_root(document: DocumentNode, operation: Operation) -> Iterator[str]:
    """Arguments of the subscription's own field say where to begin, not what an event looks like."""
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
