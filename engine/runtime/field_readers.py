"""Fields that are read off their objects: by a path of attributes, or by a function of the object alone.

The engine shows them in the row of their object, without a call for each. Reading is pure: it may happen twice.
"""

from collections.abc import Callable
from keyword import iskeyword
from operator import attrgetter
from typing import Any, TypeAlias

import strawberry

Reading: TypeAlias = str | Callable[[Any], Any]
"""A path of attributes, or a function."""

_MARK = "__reading__"


def read_field(path: str, kind: Any, **options: Any) -> Any:
    """A field of this type that is found along the path, such as `record.text`; takes what `strawberry.field` takes.

    Raises UnsafeNameError for what is no path of attributes.
    """
    get = attrgetter(checked_path(path))

    def read(self: Any) -> Any:
        return get(self)

    read.__annotations__["return"] = kind
    return _marked(read, path, options)


def derived_field(**options: Any) -> Callable[[Any], Any]:
    """Declares a field by a method that takes its object alone and asks nobody; it may be called twice."""
    return lambda method: _marked(method, method, options)


def reading_of(resolver: Any) -> Reading | None:
    """By which the resolver of a field was made."""
    found: Reading | None = getattr(resolver, _MARK, None)
    return found


class UnsafeNameError(ValueError):
    """What no parser lets through stands where a name should."""


def checked_path(path: str) -> str:
    """Raises UnsafeNameError unless each part is a name that may stand in a program."""
    for name in path.split("."):
        if not (name.isascii() and name.isidentifier()) or iskeyword(name):
            raise UnsafeNameError(path)
    return path


def _marked(resolver: Any, reading: Reading, options: dict[str, Any]) -> Any:
    setattr(resolver, _MARK, reading)
    return strawberry.field(resolver=resolver, **options)
