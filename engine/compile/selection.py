"""Selection sets: for all objects of a level at once, first their plain attributes, then column by column the rest."""

from collections.abc import Collection, Coroutine, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from engine.compile.completion import Completion
from engine.compile.resolver_strategies import Call
from engine.compile.row_builder import Display
from engine.runtime.frame import Frame
from engine.runtime.interned import keep_row, kept_row, lasts
from engine.runtime.result_paths import FieldPlaces, Places, SomePlaces, Step
from engine.runtime.values import NULLED, MaybeLater, Values, spread, then, together


class Level:
    """Objects of one selection and their rows. A row whose object became null gives its place to NULLED."""

    __slots__ = ("answers", "objects", "places", "rows")

    def __init__(self, objects: Values, rows: Values, answers: Values, places: Places) -> None:
        self.objects, self.rows, self.answers, self.places = objects, rows, answers, places

    def some(self, chosen: Sequence[int]) -> "Level":
        """Some of the objects; what becomes of them is handed back by `merge`."""
        rows = [self.rows[place] for place in chosen]
        objects = [self.objects[place] for place in chosen]
        return Level(objects, rows, list(rows), SomePlaces(self.places, chosen))

    def merge(self, part: "Level", chosen: Sequence[int]) -> None:
        for place, answer in zip(chosen, part.answers, strict=True):
            if answer is NULLED:
                self.answers[place] = NULLED


class Column:
    """One field of a selection: had by its call, completed by its type."""

    __slots__ = ("_call", "_completion", "_step", "key")

    def __init__(self, step: Step, call: Call, completion: Completion) -> None:
        self.key = step.key
        self._step, self._call, self._completion = step, call, completion

    def by(self, call: Call) -> "Column":
        """The same field, its values had in another way."""
        return Column(self._step, call, self._completion)

    def fill(self, frame: Frame, level: Level) -> Coroutine[Any, Any, Values] | None:
        """Puts its values into the rows, or gives back what has to be waited for until they are there."""
        places = FieldPlaces(level.places, self._step)
        done = then(
            self._call(frame, level.objects, places), lambda values: self._completion.complete(frame, values, places)
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
            for place, value in enumerate(values):
                if value is NULLED:
                    level.answers[place] = NULLED


class Way(NamedTuple):
    """How rows are made: what is read off the objects, with a column for each that can't be read, and the others."""

    display: Display
    leaves: list[Column]
    columns: list[Column]


class Selection:
    """The fields of one selection set for one object type.

    `near` is for objects that have all of `hands`, attributes along which values are at hand; `far` for others.
    """

    def __init__(
        self, template: dict[str, Any], near: Way, far: Way | None, hands: Collection[str], *, keeps: bool
    ) -> None:
        """`keeps`: objects are Lasting."""
        self._template = template
        self._near, self._far = near, far
        self._hands = [attrgetter(hand) for hand in hands]
        self._keeps = keeps

    def answer(self, frame: Frame, objects: Values, places: Places) -> MaybeLater:
        """A dict for each object; NULLED where one of its fields may not be null and is."""
        if not self._keeps:
            return self._made(frame, objects, places)
        rows = [kept_row(value, self) for value in objects]
        lacking = [place for place, row in enumerate(rows) if row is None]
        if not lacking:
            return rows
        lasting = [place for place in lacking if lasts(objects[place])]
        passing = [place for place in lacking if not lasts(objects[place])]
        if len(rows) in {len(lasting), len(passing)}:
            return self._made_to_keep(frame, objects, places)
        waiting: list[Coroutine[Any, Any, Values]] = []
        for part in filter(None, (lasting, passing)):  # apart: what passes may ask, and then nothing beside it is kept
            made = self._made_to_keep(frame, [objects[place] for place in part], SomePlaces(places, part))
            if isinstance(made, list):
                spread(rows, part, made)
            else:
                waiting.append(_spread_later(rows, part, made))
        return self._settled(rows, waiting) if waiting else rows

    def _made_to_keep(self, frame: Frame, objects: Values, places: Places) -> MaybeLater:
        """What was only read, without an error, is kept with the objects that last."""
        asked, failures = frame.asked, len(frame.failures)
        made = self._made(frame, objects, places)
        if isinstance(made, list) and frame.asked == asked and len(frame.failures) == failures:
            for value, row in zip(objects, made, strict=True):
                keep_row(value, self, row)
        return made

    def _made(self, frame: Frame, objects: Values, places: Places) -> MaybeLater:
        way = self._near if self._far is None or self._is_at_hand(objects) else self._far
        rows, awkward = way.display.rows(objects)
        for place in awkward:
            rows[place] = dict(self._template)
        level = Level(objects, rows, list(rows), places)
        waiting = [later for column in way.columns if (later := column.fill(frame, level))]
        if awkward and (later := self._the_long_way(frame, level, awkward, way.leaves)):
            waiting.append(later)
        return self._waited(level, waiting) if waiting else level.answers

    def _is_at_hand(self, objects: Values) -> bool:
        try:
            return not any(get(value) is None for get in self._hands for value in objects)
        except Exception:  # noqa: BLE001 - attributes may raise anything; then there is nothing
            return False

    def _the_long_way(
        self, frame: Frame, level: Level, awkward: list[int], leaves: list[Column]
    ) -> Coroutine[Any, Any, Values] | None:
        part = level.some(awkward)
        waiting = [later for column in leaves if (later := column.fill(frame, part))]
        if not waiting:
            level.merge(part, awkward)
            return None
        return self._merged(level, part, awkward, waiting)

    @staticmethod
    async def _merged(
        level: Level, part: Level, awkward: list[int], waiting: list[Coroutine[Any, Any, Values]]
    ) -> Values:
        await together(waiting)
        level.merge(part, awkward)
        return []

    @staticmethod
    async def _settled(rows: Values, waiting: list[Coroutine[Any, Any, Values]]) -> Values:
        await together(waiting)
        return rows

    @staticmethod
    async def _waited(level: Level, waiting: list[Coroutine[Any, Any, Values]]) -> Values:
        await together(waiting)
        return level.answers


async def _spread_later(rows: Values, part: Sequence[int], made: Coroutine[Any, Any, Values]) -> Values:
    return spread(rows, part, await made)


class SerialSelection:
    """The root of a mutation: each field is through before the next one begins."""

    def __init__(self, template: dict[str, Any], columns: list[Column]) -> None:
        self._template = template
        self._columns = columns

    async def answer(self, frame: Frame, objects: Values, places: Places) -> Values:
        """Ends with the field that makes the whole answer null."""
        row = dict(self._template)
        level = Level(objects, [row], [row], places)
        for column in self._columns:
            if later := column.fill(frame, level):
                await later
            if level.answers[0] is NULLED:
                break
        return level.answers
