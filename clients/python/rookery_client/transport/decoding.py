"""Data of answers as records. Objects of types that a newer server has added do no harm: lists go on without them."""

import re
from typing import Any, TypeVar

import msgspec

from rookery_client.errors import Fault, RookeryError, error_of
from rookery_client.operation import Operation

Variables = TypeVar("Variables")
Data = TypeVar("Data")
_NULL = msgspec.Raw(b"null")
_UNKNOWN = re.compile(r"^Invalid value '(\w+)' - at `\$.*\.__typename`$")


class Answer(msgspec.Struct):
    """A result of GraphQL, its data not decoded."""

    data: msgspec.Raw = _NULL
    errors: list[Fault] = []


class UnknownTypeError(RookeryError):
    """The whole answer, or event, is of a type that this version does not know."""

    def __init__(self, name: str) -> None:
        super().__init__("UNREADABLE", f"{name} is no type that this version knows")


def data_of(operation: Operation[Variables, Data], answer: Answer) -> Data:
    """Raises a RookeryError for the errors of the answer."""
    if answer.errors:
        raise error_of(answer.errors)
    try:
        return msgspec.json.decode(answer.data, type=operation.data)
    except msgspec.DecodeError as error:
        return _without_unknown(operation, msgspec.json.decode(answer.data), error)


def _without_unknown(operation: Operation[Variables, Data], data: Any, error: msgspec.DecodeError) -> Data:
    found = _UNKNOWN.match(str(error))
    if found is None:
        raise RookeryError("UNREADABLE", f"an answer of another form than this version knows: {error}") from error
    if not _is_kept(data, found[1]):
        raise UnknownTypeError(found[1])
    try:
        return msgspec.convert(data, operation.data)
    except msgspec.ValidationError as other:
        return _without_unknown(operation, data, other)


def _is_kept(value: Any, unknown: str) -> bool:
    """False for what has an object of the type in it; lists within lose their elements of that kind."""
    if isinstance(value, dict):
        return value.get("__typename") != unknown and all(_is_kept(one, unknown) for one in value.values())
    if isinstance(value, list):
        value[:] = [one for one in value if _is_kept(one, unknown)]
    return True
