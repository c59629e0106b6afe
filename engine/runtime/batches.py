"""Batch fields: one resolver call for many objects.

The engine gives such a resolver all objects of a level. Under graphql-core a DataLoader joins the calls of one
iteration of the event loop, so that the resolver is written once.
"""

import asyncio
import inspect
import typing
from collections.abc import Awaitable, Callable, Hashable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from engine.runtime.field_readers import checked_path

T = TypeVar("T")
Results: TypeAlias = list[T] | Awaitable[list[T]]
"""Return type of a batch resolver: a list, or an awaitable of it."""
BatchResolver: TypeAlias = Callable[..., Awaitable[Sequence[Any]] | Sequence[Any]]
"""`resolver(objects, info, **arguments)`: one result for each object, in order; an exception as a result is the error
of that object."""

_MARK, _PRELOADED = "__batch_resolver__", "__preloaded__"


class Requirement(NamedTuple):
    """Conditions of a preloaded value: no None at the path, and a value of the object there that `is_met`."""

    path: str
    is_met: Callable[[Any], bool] | None

    def check(self) -> Callable[[Any], bool]:
        """A function that says whether an object meets it."""
        get, is_met = attrgetter(self.path), self.is_met
        if is_met is None:
            return lambda value: get(value) is not None
        return lambda value: (found := get(value)) is not None and is_met(found)


class Preloaded(NamedTuple):
    """Preloaded values of a field: the path of attributes to them, and what makes the field's value of each.

    `present` takes the value at the path and the context of the execution.
    """

    path: str
    present: Callable[[Any, Any], Any] | None
    is_met: Callable[[Any], bool] | None

    @property
    def required(self) -> Requirement:
        """All of the path if values are presented, else its first attribute."""
        return Requirement(self.path if self.present else self.path.partition(".")[0], self.is_met)


def batch_field(
    *,
    preloaded_at: str | None = None,
    preloaded_if: Callable[[Any], bool] | None = None,
    presented_by: Callable[[Any, Any], Any] | None = None,
    **options: Any,
) -> Callable[[Any], Any]:
    """Declares a field of a Strawberry type by its batch resolver; `options` are those of `strawberry.field`.

    `preloaded_at` is a path of attributes, such as `seen.counts.likes`. If its first attribute is None in no object of
    the level, the engine reads the values there and does not call the resolver. `presented_by` makes the field's values
    of those at the path and of the context, if none at the path is None; fields of objects need it. What it makes
    is cached with interned objects, so that of the context it may use what is the same in all requests alone.
    `preloaded_if` says which values at the path it knows how to present.

    The resolver is a static method. Its first two parameters are the objects and the info; its return annotation is a
    list, or Results, of the field's type.
    """
    preloaded = None if preloaded_at is None else Preloaded(checked_path(preloaded_at), presented_by, preloaded_if)

    def declare(resolver: Any) -> Any:
        batch_resolver: BatchResolver = resolver.__func__ if isinstance(resolver, staticmethod) else resolver
        one = _single_resolver(batch_resolver)
        setattr(one, _PRELOADED, preloaded)
        return strawberry.field(resolver=one, **options)

    return declare


def batch_resolver_of(resolver: Any) -> BatchResolver | None:
    """The batch resolver from which the field's resolver was made; None for other fields."""
    found: BatchResolver | None = getattr(resolver, _MARK, None)
    return found


def preloaded_of(resolver: Any) -> Preloaded | None:
    """None for a field without `preloaded_at`."""
    found: Preloaded | None = getattr(resolver, _PRELOADED, None)
    return found


def _single_resolver(resolver: BatchResolver) -> Callable[..., Awaitable[Any]]:
    async def one(root: Any, info: Any, **arguments: Any) -> Any:
        return await _loader(resolver, info, arguments).load(root)

    signature = inspect.signature(resolver)
    _, info, *arguments = signature.parameters.values()
    item = _item(signature.return_annotation)
    root = inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    one.__signature__ = inspect.Signature([root, info, *arguments], return_annotation=item)  # type: ignore[attr-defined]
    one.__module__, one.__name__, one.__qualname__ = resolver.__module__, resolver.__name__, resolver.__qualname__
    setattr(one, _MARK, resolver)
    return one


def _item(annotation: Any) -> Any:
    """T of `list[T]` or `Results[T]`."""
    for part in (annotation, *typing.get_args(annotation)):
        if typing.get_origin(part) is list:
            return typing.get_args(part)[0]
    raise TypeError(f"A batch resolver returns a list, or Results, not {annotation}.")


_open_loaders: dict[Hashable, DataLoader[Any, Any]] = {}


def _loader(resolver: BatchResolver, info: Any, arguments: dict[str, Any]) -> DataLoader[Any, Any]:
    """Open loader shared by calls with the same resolver, context and arguments."""
    loop = asyncio.get_running_loop()
    # The loader keeps the info and its context alive, so no other context has this id meanwhile.
    key: tuple[Any, ...] = (resolver, loop, id(info.context), *arguments.items())
    try:
        if (found := _open_loaders.get(key)) is not None:
            return found
    except TypeError:  # a call with an unhashable argument is not joined
        key = (loop, id(arguments))

    async def load(objects: list[Any]) -> list[Any]:
        del _open_loaders[key]
        results = resolver(objects, info, **arguments)
        return list(await results if isinstance(results, Awaitable) else results)

    loader = _open_loaders[key] = DataLoader(load, cache=False)
    return loader
