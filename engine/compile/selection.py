"""Selections: for all objects of a level, first rows of plain attributes, then the other fields column by column.

Of interned objects the rows are cached, without the fields that call resolvers.
"""

from collections.abc import Collection, Coroutine, Sequence
from typing import Any

from engine.compile.columns import Column, Level
from engine.compile.row_builder import RowBuilder
from engine.runtime.batches import Requirement
from engine.runtime.frame import Frame
from engine.runtime.interned import cache_row, cached_row, is_interned
from engine.runtime.result_paths import Paths, SelectedPaths
from engine.runtime.values import NULLED, AwaitableOrValues, Values, gather_all, spread


class SelectionPlan:
    """A way to build rows: the row builder, slow-path columns of its fields, and columns of the other fields.

    `read` are the columns whose values are read off the objects, `resolved` those that call resolvers.
    """

    def __init__(self, row_builder: RowBuilder, leaves: list[Column], columns: list[Column]) -> None:
        self.row_builder, self.leaves, self.columns = row_builder, leaves, columns
        self.read = [column for column in columns if not column.calls_resolvers]
        self.resolved = [column for column in columns if column.calls_resolvers]


class Selection:
    """The fields of one selection set for one object type.

    `preloaded_plan` serves objects that meet all requirements; `general_plan` all others.
    """

    def __init__(
        self,
        template: dict[str, Any],
        preloaded_plan: SelectionPlan,
        general_plan: SelectionPlan | None,
        required: Collection[Requirement],
        *,
        caches_rows: bool,
    ) -> None:
        """`caches_rows`: objects are Internable."""
        self._template = template
        self._preloaded_plan, self._general_plan = preloaded_plan, general_plan
        self._checks = [requirement.check() for requirement in required]
        self._caches_rows = caches_rows

    def answer(self, frame: Frame, objects: Values, paths: Paths) -> AwaitableOrValues:
        """A row for each object; NULLED if a non-null field of it is null."""
        if not objects:
            return []
        if not self._caches_rows:
            return self._built(frame, objects, paths)
        rows = [cached_row(value, self) for value in objects]
        transient = [index for index, row in enumerate(rows) if row is None and not self._is_cacheable(objects[index])]
        if not transient:
            return self._cached(frame, objects, rows, paths)
        if len(transient) == len(rows):
            return self._built(frame, objects, paths)
        return self._parted(frame, objects, rows, paths, transient)

    def _is_cacheable(self, value: Any) -> bool:
        return is_interned(value) and self._is_preloaded((value,))

    def _parted(
        self, frame: Frame, objects: Values, rows: Values, paths: Paths, transient: list[int]
    ) -> AwaitableOrValues:
        """Separately: building rows of transient objects may call resolvers, and then no row beside them is cached."""
        cacheable = sorted(set(range(len(rows))).difference(transient))
        parts = (
            (cacheable, self._cached(frame, *_chosen(objects, rows, cacheable), SelectedPaths(paths, cacheable))),
            (transient, self._built(frame, [objects[index] for index in transient], SelectedPaths(paths, transient))),
        )
        waiting: list[Coroutine[Any, Any, Values]] = []
        for chosen, made in parts:
            if isinstance(made, list):
                spread(rows, chosen, made)
            else:
                waiting.append(_spread_later(rows, chosen, made))
        return self._settled(rows, waiting) if waiting else rows

    def _cached(self, frame: Frame, objects: Values, rows: Values, paths: Paths) -> AwaitableOrValues:
        """Answers by cached rows; those that are None are read first. Then the columns of resolvers are filled."""
        lacking, resolved = [index for index, row in enumerate(rows) if row is None], self._preloaded_plan.resolved
        if not lacking and not resolved:
            return rows
        if resolved:
            rows = [row and dict(row) for row in rows]
        part, waiting = self._read(frame, [objects[index] for index in lacking], SelectedPaths(paths, lacking))
        level = Level(objects, spread(rows, lacking, part.rows), list(rows), paths)
        waiting += [later for column in resolved if (later := column.fill(frame, level))]
        if waiting:
            return self._merged_answers(level, part, lacking, waiting)
        level.merge(part, lacking)
        return level.answers

    def _read(self, frame: Frame, objects: Values, paths: Paths) -> tuple[Level, list[Coroutine[Any, Any, Values]]]:
        """Reads rows, and caches them with their objects if that called no resolver and raised no error."""
        resolver_calls, failures, plan = frame.resolver_calls, len(frame.failures), self._preloaded_plan
        level, waiting = self._filled(frame, objects, paths, plan, plan.read)
        if not waiting and frame.resolver_calls == resolver_calls and len(frame.failures) == failures:
            for value, row in zip(objects, level.rows, strict=True):
                cache_row(value, self, dict(row) if plan.resolved else row)
        return level, waiting

    def _built(self, frame: Frame, objects: Values, paths: Paths) -> AwaitableOrValues:
        plan = self._preloaded_plan if self._general_plan is None or self._is_preloaded(objects) else self._general_plan
        level, waiting = self._filled(frame, objects, paths, plan, plan.columns)
        return self._waited(level, waiting) if waiting else level.answers

    def _filled(
        self, frame: Frame, objects: Values, paths: Paths, plan: SelectionPlan, columns: list[Column]
    ) -> tuple[Level, list[Coroutine[Any, Any, Values]]]:
        """Rows with these columns, and what has to be awaited for them."""
        rows, irregular = plan.row_builder.rows(objects)
        for index in irregular:
            rows[index] = dict(self._template)
        level = Level(objects, rows, list(rows), paths)
        waiting = [later for column in columns if (later := column.fill(frame, level))]
        if irregular and (later := self._fill_irregular(frame, level, irregular, plan.leaves)):
            waiting.append(later)
        return level, waiting

    def _is_preloaded(self, objects: Sequence[Any]) -> bool:
        try:
            return all(check(value) for check in self._checks for value in objects)
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
    async def _merged_answers(
        level: Level, part: Level, lacking: list[int], waiting: list[Coroutine[Any, Any, Values]]
    ) -> Values:
        await gather_all(waiting)
        level.merge(part, lacking)
        return level.answers

    @staticmethod
    async def _waited(level: Level, waiting: list[Coroutine[Any, Any, Values]]) -> Values:
        await gather_all(waiting)
        return level.answers


def _chosen(objects: Values, rows: Values, indexes: Sequence[int]) -> tuple[Values, Values]:
    return [objects[index] for index in indexes], [rows[index] for index in indexes]


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
