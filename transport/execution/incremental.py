"""Parts of an answer with @defer or @stream, in the format of 2023 (`pending`, `id`, `completed`) and that of 2022 at
once: each incremental result also has its full path and label. The path of streamed items ends with the first index.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from graphql.execution import (
    IncrementalDeferResult,
    IncrementalResult,
    InitialIncrementalExecutionResult,
    PendingResult,
    SubsequentIncrementalExecutionResult,
)

from transport.execution.answers import Answer, masked_errors, masked_part
from transport.execution.error_masking import Asked

_Path: TypeAlias = tuple[str | int, ...]


class IncrementalParts:
    """The parts of one answer, in order."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._pending: dict[str, PendingResult] = {}
        self._next_index: dict[str, int] = {}
        self._sent: list[tuple[_Path, object]] = []

    def initial(self, result: InitialIncrementalExecutionResult) -> Answer:
        self._sent.append(((), result.data))
        self._announce(result.pending)
        answer: Answer = {"data": result.data, "hasNext": result.has_next}
        answer["pending"] = [pending.formatted for pending in result.pending]
        if result.errors:
            answer["errors"] = masked_errors(result.errors, self._asked)
        return answer

    def subsequent(self, result: SubsequentIncrementalExecutionResult) -> Answer:
        answer: Answer = {"hasNext": result.has_next}
        if result.pending:
            self._announce(result.pending)
            answer["pending"] = [pending.formatted for pending in result.pending]
        if result.incremental:
            answer["incremental"] = [self._with_path(part) for part in result.incremental]
        if result.completed:
            answer["completed"] = [masked_part(part, self._asked) for part in result.completed]
        return answer

    def _announce(self, pending: Sequence[PendingResult]) -> None:
        self._pending |= {each.id: each for each in pending}

    def _length(self, path: _Path) -> int:
        """The length of the list at this path when it was sent first: with the data in which it stands."""
        for start, data in reversed(self._sent):
            if path[: len(start)] == start:
                found = _at(data, path[len(start) :])
                if isinstance(found, list):
                    return len(found)
        return 0

    def _with_path(self, part: IncrementalResult) -> Mapping[str, object]:
        pending = self._pending[part.id]
        path: _Path = (*pending.path, *(part.sub_path or ()))
        if isinstance(part, IncrementalDeferResult):
            self._sent.append((path, part.data))
        else:
            first = self._next_index[part.id] if part.id in self._next_index else self._length(path)
            self._next_index[part.id] = first + len(part.items)
            self._sent += [((*path, first + at), item) for at, item in enumerate(part.items)]
            path = (*path, first)
        return {**masked_part(part, self._asked), "path": list(path), "label": pending.label}


def _at(data: object, path: _Path) -> object:
    """None where nothing was sent at this path."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data
