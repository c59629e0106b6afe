"""Values from resolvers: plain values, null, exceptions, awaitables. Only plain ones take the fast path."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from types import GeneratorType
from typing import Any, TypeAlias

from graphql import Undefined
from graphql.pyutils import UndefinedType, gather_with_cancel, is_awaitable

Values: TypeAlias = list[Any]
AwaitableOrValues: TypeAlias = Values | Coroutine[Any, Any, Values]
"""A list if nothing had to be awaited, else a coroutine of it."""

MOST_TYPES = 10_000


class Nulled:
    """Stands for a null in a non-null position, its error recorded: it makes the value around it null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NULLED"


NULLED = Nulled()


class _PlainTypes(dict[type, bool]):
    """Whether instances of a type are completed without awaiting or error handling."""

    def __missing__(self, kind: type) -> bool:
        odd = (type(None), UndefinedType, Nulled, Exception, GeneratorType)
        is_plain = not issubclass(kind, odd) and not hasattr(kind, "__await__")
        if len(self) >= MOST_TYPES:
            self.clear()
        self[kind] = is_plain
        return is_plain


PLAIN_TYPES = _PlainTypes()
_is_plain = PLAIN_TYPES.__getitem__


def are_plain(values: Iterable[Any]) -> bool:
    return all(map(_is_plain, set(map(type, values))))


def is_null(value: Any) -> bool:
    return value is None or value is Undefined


def awaitable_indexes(values: Sequence[Any]) -> list[int]:
    return [index for index, value in enumerate(values) if is_awaitable(value)]


async def settle(values: Values, indexes: Sequence[int]) -> Values:
    """Awaits the values at `indexes` concurrently; exceptions replace values that raise."""
    awaitables: list[Awaitable[Any]] = [values[index] for index in indexes]
    settled = (
        [await _outcome(awaitables[0])] if len(indexes) == 1 else await gather_with_cancel(*map(_outcome, awaitables))
    )
    values = list(values)
    for index, value in zip(indexes, settled, strict=True):
        values[index] = value
    return values


async def _outcome(awaitable: Awaitable[Any]) -> Any:
    try:
        return await awaitable
    except Exception as error:  # noqa: BLE001 - whatever a resolver raises is an error of its field
        return error


def then(values: AwaitableOrValues, go_on: Callable[[Values], AwaitableOrValues]) -> AwaitableOrValues:
    """Continues at once if nothing has to be awaited."""
    return go_on(values) if isinstance(values, list) else _later(values, go_on)


async def _later(values: Coroutine[Any, Any, Values], go_on: Callable[[Values], AwaitableOrValues]) -> Values:
    done = go_on(await values)
    return done if isinstance(done, list) else await done


def gather_all(parts: Sequence[Coroutine[Any, Any, Values]]) -> Awaitable[Sequence[Values]]:
    return gather_with_cancel(*parts) if len(parts) > 1 else _alone(parts[0])


async def _alone(part: Coroutine[Any, Any, Values]) -> Sequence[Values]:
    return [await part]


def spread(answers: Values, indexes: Sequence[int], values: Values) -> Values:
    """Writes values into the answers at `indexes`."""
    for index, value in zip(indexes, values, strict=True):
        answers[index] = value
    return answers


async def drained(source: Any) -> Any:
    """All items of an asynchronous iterable, or the exception that it raised."""
    iterator = source.__aiter__()
    try:
        return [item async for item in iterator]
    except Exception as error:  # noqa: BLE001 - as above
        return error
    finally:
        if hasattr(iterator, "aclose"):
            await asyncio.shield(iterator.aclose())
