"""Columns: one field for all objects of a level."""

from collections.abc import Coroutine, Sequence
from typing import Any

from engine.compile.completion import Completion
from engine.compile.resolver_strategies import ResolverStrategy
from engine.runtime.frame import Frame
from engine.runtime.result_paths import FieldPaths, Paths, PathStep, SelectedPaths
from engine.runtime.values import NULLED, Values, then


class Level:
    """Objects of one selection and their rows. `answers` holds the rows, or NULLED for objects that became null."""

    __slots__ = ("answers", "objects", "paths", "rows")

    def __init__(self, objects: Values, rows: Values, answers: Values, paths: Paths) -> None:
        self.objects, self.rows, self.answers, self.paths = objects, rows, answers, paths

    def some(self, chosen: Sequence[int]) -> "Level":
        """A level of the chosen objects; `merge` writes its outcome back."""
        rows = [self.rows[index] for index in chosen]
        objects = [self.objects[index] for index in chosen]
        return Level(objects, rows, list(rows), SelectedPaths(self.paths, chosen))

    def merge(self, part: "Level", chosen: Sequence[int]) -> None:
        for index, answer in zip(chosen, part.answers, strict=True):
            if answer is NULLED:
                self.answers[index] = NULLED


class Column:
    """One field of a selection: obtained by its strategy, completed by its type."""

    __slots__ = ("_completion", "_step", "_strategy", "key")

    def __init__(self, step: PathStep, strategy: ResolverStrategy, completion: Completion) -> None:
        self.key = step.key
        self._step, self._strategy, self._completion = step, strategy, completion

    @property
    def calls_resolvers(self) -> bool:
        return self._strategy.calls_resolvers

    def by(self, strategy: ResolverStrategy) -> "Column":
        """The same field with another strategy."""
        return Column(self._step, strategy, self._completion)

    def fill(self, frame: Frame, level: Level) -> Coroutine[Any, Any, Values] | None:
        """Writes the values into the rows; returns a coroutine if that has to be awaited."""
        paths = FieldPaths(level.paths, self._step)
        done = then(
            self._strategy(frame, level.objects, paths), lambda values: self._completion.complete(frame, values, paths)
        )
        if isinstance(done, list):
            self._put(level, done)
            return None
        return self._put_later(level, done)

    async def _put_later(self, level: Level, values: Coroutine[Any, Any, Values]) -> Values:
        self._put(level, await values)
        return []

    def _put(self, level: Level, values: Values) -> None:
        key = self.key
        for row, value in zip(level.rows, values, strict=True):
            row[key] = value
        if self._completion.non_null and NULLED in values:
            for index, value in enumerate(values):
                if value is NULLED:
                    level.answers[index] = NULLED
