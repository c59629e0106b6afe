"""Field readers: fields read off their object by a path of attributes, or by a function of the object alone.

The engine reads them while it builds the object's row, without a resolver call. Reading is pure; it may happen twice.
"""

from collections.abc import Callable
from keyword import iskeyword
from operator import attrgetter
from typing import Any, TypeAlias

import strawberry

FieldReader: TypeAlias = str | Callable[[Any], Any]
"""A path of attributes, or a function."""

_MARK = "__field_reader__"


def read_field(path: str, kind: Any, **options: Any) -> Any:
    """A field of type `kind` at the path, such as `record.text`; `options` are those of `strawberry.field`.

    Raises UnsafeNameError if `path` is no path of attributes.
    """
    get = attrgetter(checked_path(path))

    def read(self: Any) -> Any:
        return get(self)

    read.__annotations__["return"] = kind
    return _marked(read, path, options)


def derived_field(**options: Any) -> Callable[[Any], Any]:
    """Declares a field by a pure method of its object alone; it may be called twice."""
    return lambda method: _marked(method, method, options)


def field_reader_of(resolver: Any) -> FieldReader | None:
    """None for a resolver that was not declared by `read_field` or `derived_field`."""
    found: FieldReader | None = getattr(resolver, _MARK, None)
    return found


class UnsafeNameError(ValueError):
    """A name that no GraphQL parser or Python path accepts."""


def checked_path(path: str) -> str:
    """Raises UnsafeNameError unless each part is a Python identifier in ASCII and no keyword."""
    for name in path.split("."):
        if not (name.isascii() and name.isidentifier()) or iskeyword(name):
            raise UnsafeNameError(path)
    return path


def _marked(resolver: Any, reading: FieldReader, options: dict[str, Any]) -> Any:
    setattr(resolver, _MARK, reading)
    return strawberry.field(resolver=resolver, **options)
