"""Result paths: positions of values in the answer, computed only when an error or a resolver needs one."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from graphql.pyutils import Path


class PathStep(NamedTuple):
    """One key of a path. `rank` orders the steps of one object as its fields were selected."""

    rank: int
    key: str | int
    type_name: str | None


Steps = tuple[PathStep, ...]


class Paths(Protocol):
    """Paths of a list of values."""

    def at(self, index: int) -> Steps: ...


class RootPath:
    """Path of the root object."""

    def at(self, index: int) -> Steps:  # noqa: ARG002 - as Paths has it
        return ()


class FieldPaths:
    """Paths of one field's values, one for each object."""

    __slots__ = ("_objects", "_step")

    def __init__(self, objects: Paths, step: PathStep) -> None:
        self._objects, self._step = objects, step

    def at(self, index: int) -> Steps:
        return (*self._objects.at(index), self._step)


class ItemPaths:
    """Paths of the items of several concatenated lists; list n ends at `ends[n]`."""

    __slots__ = ("_ends", "_lists")

    def __init__(self, lists: Paths, ends: Sequence[int]) -> None:
        self._lists, self._ends = lists, ends

    def at(self, index: int) -> Steps:
        owner = bisect_right(self._ends, index)
        number = index - (self._ends[owner - 1] if owner else 0)
        return (*self._lists.at(owner), PathStep(number, number, None))


class SelectedPaths:
    """Paths of a subset of values."""

    __slots__ = ("_all", "_chosen")

    def __init__(self, every: Paths, chosen: Sequence[int]) -> None:
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
