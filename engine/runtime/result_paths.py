"""Where values stand in the answer. Nothing is written down until an error, or a resolver, asks for a path."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from graphql.pyutils import Path


class Step(NamedTuple):
    """One key of a path. Steps of one object are ordered by `rank`, as its fields were asked for."""

    rank: int
    key: str | int
    type_name: str | None


Steps = tuple[Step, ...]


class Places(Protocol):
    """Of a list of values: where each of them stands."""

    def at(self, index: int) -> Steps: ...


class RootPlace:
    """Of the one object that an operation begins with."""

    def at(self, index: int) -> Steps:  # noqa: ARG002 - as Places has it
        return ()


class FieldPlaces:
    """Of the values of one field, one for each object."""

    __slots__ = ("_objects", "_step")

    def __init__(self, objects: Places, step: Step) -> None:
        self._objects, self._step = objects, step

    def at(self, index: int) -> Steps:
        return (*self._objects.at(index), self._step)


class ItemPlaces:
    """Of the items of several lists in one row; list n ends where `ends[n]` says."""

    __slots__ = ("_ends", "_lists")

    def __init__(self, lists: Places, ends: Sequence[int]) -> None:
        self._lists, self._ends = lists, ends

    def at(self, index: int) -> Steps:
        owner = bisect_right(self._ends, index)
        number = index - (self._ends[owner - 1] if owner else 0)
        return (*self._lists.at(owner), Step(number, number, None))


class SomePlaces:
    """Of some of the values of another row."""

    __slots__ = ("_all", "_chosen")

    def __init__(self, every: Places, chosen: Sequence[int]) -> None:
        self._all, self._chosen = every, chosen

    def at(self, index: int) -> Steps:
        return self._all.at(self._chosen[index])


def keys_of(steps: Steps) -> list[str | int]:
    return [step.key for step in steps]


def path_of(steps: Steps) -> Path:
    path = None
    for step in steps:
        path = Path(path, step.key, step.type_name)
    if path is None:
        raise ValueError("The root has no path.")
    return path
