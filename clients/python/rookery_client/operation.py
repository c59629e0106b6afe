"""Parts of generated code: records, enums that take values of newer servers, and typed operations."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Self, TypeVar

import msgspec

Variables = TypeVar("Variables")
Data = TypeVar("Data")


class Record(msgspec.Struct, frozen=True, rename="camel"):
    """An object of an answer, or of variables; fields that it does not know are passed over."""


class OpenEnum(StrEnum):
    """An enum of the schema. A value that a newer server has added is UNKNOWN."""

    @classmethod
    def _missing_(cls, value: object) -> Self:  # noqa: ARG003 - Python hands it over
        return cls["UNKNOWN"]


@dataclass(frozen=True, slots=True)
class Operation(Generic[Variables, Data]):
    """A document with the types of its variables and its data."""

    text: str
    data: type[Data]
