"""What resolvers give: plain values, null, exceptions, awaitables. Only plain ones take the short way."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from types import GeneratorType
from typing import Any, TypeAlias

from graphql import Undefined
from graphql.pyutils import UndefinedType, gather_with_cancel, is_awaitable

Values: TypeAlias = list[Any]
MaybeLater: TypeAlias = Values | Coroutine[Any, Any, Values]
"""A list where nothing had to be waited for, else a coroutine of it."""

MOST_TYPES = 10_000


class Nulled:
    """Stands where null is explained by a recorded error and may not stand: whatever holds it becomes null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NULLED"


NULLED = Nulled()


class _PlainTypes(dict[type, bool]):
    """Whether instances of a type are values to complete as they are."""

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


def awaitable_places(values: Sequence[Any]) -> list[int]:
    return [place for place, value in enumerate(values) if is_awaitable(value)]


async def settle(values: Values, places: Sequence[int]) -> Values:
    """Waits for those at `places`, together; what they raise stands in their place."""
    awaitables: list[Awaitable[Any]] = [values[place] for place in places]
    settled = (
        [await _outcome(awaitables[0])] if len(places) == 1 else await gather_with_cancel(*map(_outcome, awaitables))
    )
    values = list(values)
    for place, value in zip(places, settled, strict=True):
        values[place] = value
    return values


async def _outcome(awaitable: Awaitable[Any]) -> Any:
    try:
        return await awaitable
    except Exception as error:  # noqa: BLE001 - whatever a resolver raises is an error of its field
        return error


def then(values: MaybeLater, go_on: Callable[[Values], MaybeLater]) -> MaybeLater:
    """Goes on at once where there is nothing to wait for."""
    return go_on(values) if isinstance(values, list) else _later(values, go_on)


async def _later(values: Coroutine[Any, Any, Values], go_on: Callable[[Values], MaybeLater]) -> Values:
    done = go_on(await values)
    return done if isinstance(done, list) else await done


def together(parts: Sequence[Coroutine[Any, Any, Values]]) -> Awaitable[Sequence[Values]]:
    return gather_with_cancel(*parts) if len(parts) > 1 else _alone(parts[0])


async def _alone(part: Coroutine[Any, Any, Values]) -> Sequence[Values]:
    return [await part]


def spread(answers: Values, places: Sequence[int], values: Values) -> Values:
    """Puts values where they belong among the answers."""
    for place, value in zip(places, values, strict=True):
        answers[place] = value
    return answers


async def drained(source: Any) -> Any:
    """All of an asynchronous iterable as a list, or what it raised."""
    iterator = source.__aiter__()
    try:
        return [item async for item in iterator]
    except Exception as error:  # noqa: BLE001 - as above
        return error
    finally:
        if hasattr(iterator, "aclose"):
            await asyncio.shield(iterator.aclose())
