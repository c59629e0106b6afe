"""Fields resolved for many objects in one call.

The engine hands such a resolver all objects of a level. Where graphql-core executes, a loader joins the calls of one
turn of the event loop, so that the resolver is written once.
"""

import asyncio
import inspect
import typing
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from engine.runtime.field_readers import checked_path

T = TypeVar("T")
Results: TypeAlias = list[T] | Awaitable[list[T]]
"""What a batch resolver may return: at once, or later."""
BatchResolver: TypeAlias = Callable[..., Awaitable[Sequence[Any]] | Sequence[Any]]
"""`many(objects, info, **arguments)`: a result for each object, in their order; an exception in the place of a result
is the error of that one."""

_MARK, _AT_HAND = "__batch_resolver__", "__at_hand__"


class Hand(NamedTuple):
    """Where values of a field are found, if they are there already; `show` makes the field's value of what is there."""

    path: str
    show: Callable[[Any], Any] | None


def batch_field(
    *, at_hand: str | None = None, shown_by: Callable[[Any], Any] | None = None, **options: Any
) -> Callable[[Any], Any]:
    """Declares a field of a Strawberry type by its batch resolver; takes what `strawberry.field` takes.

    `at_hand` is a path of attributes, such as `seen.counts.likes`: where the first of them is not None in any of the
    objects, the engine reads the values there, and the resolver is not called. A field of objects has them made by
    `shown_by` of what the path leads to, where that is not None for any of them.

    The resolver is a static method whose first two parameters are the objects and the info. It is annotated to
    return a list, or Results, of the type of the field.
    """
    hand = None if at_hand is None else Hand(checked_path(at_hand), shown_by)

    def declare(resolver: Any) -> Any:
        many: BatchResolver = resolver.__func__ if isinstance(resolver, staticmethod) else resolver
        one = _for_one(many)
        setattr(one, _AT_HAND, hand)
        return strawberry.field(resolver=one, **options)

    return declare


def batch_resolver_of(resolver: Any) -> BatchResolver | None:
    """By which the resolver of a field was made."""
    found: BatchResolver | None = getattr(resolver, _MARK, None)
    return found


def hand_of(resolver: Any) -> Hand | None:
    """Of a field that was declared with one."""
    found: Hand | None = getattr(resolver, _AT_HAND, None)
    return found


def _for_one(many: BatchResolver) -> Callable[..., Awaitable[Any]]:
    async def one(root: Any, info: Any, **arguments: Any) -> Any:
        return await _loader(many, info, arguments).load(root)

    signature = inspect.signature(many)
    _, info, *arguments = signature.parameters.values()
    item = _item(signature.return_annotation)
    root = inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    one.__signature__ = inspect.Signature([root, info, *arguments], return_annotation=item)  # type: ignore[attr-defined]
    one.__module__, one.__name__, one.__qualname__ = many.__module__, many.__name__, many.__qualname__
    setattr(one, _MARK, many)
    return one


def _item(annotation: Any) -> Any:
    """Of `list[T]`, or of `Results[T]`."""
    for part in (annotation, *typing.get_args(annotation)):
        if typing.get_origin(part) is list:
            return typing.get_args(part)[0]
    raise TypeError(f"A batch resolver returns a list, or Results, not {annotation}.")


_gathering: dict[Hashable, DataLoader[Any, Any]] = {}


def _loader(many: BatchResolver, info: Any, arguments: dict[str, Any]) -> DataLoader[Any, Any]:
    """Of calls that only differ in their object, until it loads."""
    loop = asyncio.get_running_loop()
    # The loader holds the info, and that its context, so that nothing else can have this id meanwhile.
    place: tuple[Any, ...] = (many, loop, id(info.context), *arguments.items())
    try:
        if (found := _gathering.get(place)) is not None:
            return found
    except TypeError:  # an argument that can't be compared is its call's own
        place = (loop, id(arguments))

    async def load(objects: list[Any]) -> list[Any]:
        del _gathering[place]
        results = many(objects, info, **arguments)
        return list(await results if isinstance(results, Awaitable) else results)

    loader = _gathering[place] = DataLoader(load, cache=False)
    return loader
