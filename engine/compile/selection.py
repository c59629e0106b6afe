"""Selections: for all objects of a level, first rows of plain attributes, then the other fields column by column."""

from collections.abc import Collection, Coroutine, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from engine.compile.completion import Completion
from engine.compile.resolver_strategies import ResolverStrategy
from engine.compile.row_builder import RowBuilder
from engine.runtime.frame import Frame
from engine.runtime.interned import cache_row, cached_row, is_interned
from engine.runtime.result_paths import FieldPaths, Paths, PathStep, SelectedPaths
from engine.runtime.values import NULLED, AwaitableOrValues, Values, gather_all, spread, then


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


class SelectionPlan(NamedTuple):
    """A way to build rows: the row builder, slow-path columns of its fields, and columns of the other fields."""

    row_builder: RowBuilder
    leaves: list[Column]
    columns: list[Column]


class Selection:
    """The fields of one selection set for one object type.

    `preloaded_plan` serves levels in which no path of `required` is None in any object; `general_plan` all others.
    """

    def __init__(
        self,
        template: dict[str, Any],
        preloaded_plan: SelectionPlan,
        general_plan: SelectionPlan | None,
        required: Collection[str],
        *,
        caches_rows: bool,
    ) -> None:
        """`caches_rows`: objects are Internable."""
        self._template = template
        self._preloaded_plan, self._general_plan = preloaded_plan, general_plan
        self._preloaded = [attrgetter(path) for path in required]
        self._caches_rows = caches_rows

    def answer(self, frame: Frame, objects: Values, paths: Paths) -> AwaitableOrValues:
        """A row for each object; NULLED if a non-null field of it is null."""
        if not self._caches_rows:
            return self._built(frame, objects, paths)
        rows = [cached_row(value, self) for value in objects]
        lacking = [index for index, row in enumerate(rows) if row is None]
        if not lacking:
            return rows
        interned = [index for index in lacking if is_interned(objects[index])]
        transient = [index for index in lacking if not is_interned(objects[index])]
        if len(rows) in {len(interned), len(transient)}:
            return self._built_and_cached(frame, objects, paths)
        waiting: list[Coroutine[Any, Any, Values]] = []
        # Separately: transient objects may call resolvers, and then no row built beside them is cached.
        for part in filter(None, (interned, transient)):
            made = self._built_and_cached(frame, [objects[index] for index in part], SelectedPaths(paths, part))
            if isinstance(made, list):
                spread(rows, part, made)
            else:
                waiting.append(_spread_later(rows, part, made))
        return self._settled(rows, waiting) if waiting else rows

    def _built_and_cached(self, frame: Frame, objects: Values, paths: Paths) -> AwaitableOrValues:
        """Caches the rows with their interned objects, if building them called no resolver and raised no error."""
        resolver_calls, failures = frame.resolver_calls, len(frame.failures)
        made = self._built(frame, objects, paths)
        if isinstance(made, list) and frame.resolver_calls == resolver_calls and len(frame.failures) == failures:
            for value, row in zip(objects, made, strict=True):
                cache_row(value, self, row)
        return made

    def _built(self, frame: Frame, objects: Values, paths: Paths) -> AwaitableOrValues:
        plan = self._preloaded_plan if self._general_plan is None or self._is_preloaded(objects) else self._general_plan
        rows, irregular = plan.row_builder.rows(objects)
        for index in irregular:
            rows[index] = dict(self._template)
        level = Level(objects, rows, list(rows), paths)
        waiting = [later for column in plan.columns if (later := column.fill(frame, level))]
        if irregular and (later := self._fill_irregular(frame, level, irregular, plan.leaves)):
            waiting.append(later)
        return self._waited(level, waiting) if waiting else level.answers

    def _is_preloaded(self, objects: Values) -> bool:
        try:
            return not any(get(value) is None for get in self._preloaded for value in objects)
        except Exception:  # noqa: BLE001 - attributes may raise anything; then nothing is preloaded
            return False

    def _fill_irregular(
        self, frame: Frame, level: Level, irregular: list[int], leaves: list[Column]
    ) -> Coroutine[Any, Any, Values] | None:
        part = level.some(irregular)
        waiting = [later for column in leaves if (later := column.fill(frame, part))]
        if not waiting:
            level.merge(part, irregular)
            return None
        return self._merged(level, part, irregular, waiting)

    @staticmethod
    async def _merged(
        level: Level, part: Level, irregular: list[int], waiting: list[Coroutine[Any, Any, Values]]
    ) -> Values:
        await gather_all(waiting)
        level.merge(part, irregular)
        return []

    @staticmethod
    async def _settled(rows: Values, waiting: list[Coroutine[Any, Any, Values]]) -> Values:
        await gather_all(waiting)
        return rows

    @staticmethod
    async def _waited(level: Level, waiting: list[Coroutine[Any, Any, Values]]) -> Values:
        await gather_all(waiting)
        return level.answers


async def _spread_later(rows: Values, part: Sequence[int], made: Coroutine[Any, Any, Values]) -> Values:
    return spread(rows, part, await made)


class SerialSelection:
    """The root of a mutation: each field is through before the next one begins."""

    def __init__(self, template: dict[str, Any], columns: list[Column]) -> None:
        self._template = template
        self._columns = columns

    async def answer(self, frame: Frame, objects: Values, paths: Paths) -> Values:
        """Ends with the field that makes the whole answer null."""
        row = dict(self._template)
        level = Level(objects, [row], [row], paths)
        for column in self._columns:
            if later := column.fill(frame, level):
                await later
            if level.answers[0] is NULLED:
                break
        return level.answers
