"""Completion of values by their type, for a whole list of values at once.

`complete` returns a list of the same length. NULLED in it stands only for a null in a non-null position, and makes
the value around it null; its error is recorded already.
"""

from abc import abstractmethod
from typing import Any, NamedTuple, Protocol

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    FieldNode,
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
)
from graphql.pyutils import inspect, is_iterable

from engine.runtime.frame import Frame
from engine.runtime.result_paths import ItemPaths, Paths, SelectedPaths
from engine.runtime.values import (
    NULLED,
    AwaitableOrValues,
    Values,
    are_plain,
    awaitable_indexes,
    drained,
    is_null,
    settle,
    spread,
    then,
)

_EXACT: dict[GraphQLLeafType, type] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
    GraphQLInt: int,
}


class Position(NamedTuple):
    """A position in the result's type: field, nullability, and how many levels a null propagates up from it."""

    field: str
    nodes: list[FieldNode]
    non_null: bool
    null_levels: int


class Completer(Protocol):
    non_null: bool

    def complete(self, frame: Frame, values: Values, paths: Paths) -> AwaitableOrValues: ...


class Completion:
    """Common to all types: awaits awaitables, records errors, propagates nulls."""

    def __init__(self, position: Position) -> None:
        self._position = position
        self.non_null = position.non_null

    @abstractmethod
    def _completed(self, frame: Frame, values: Values, paths: Paths) -> AwaitableOrValues:
        """Completes plain values."""

    def complete(self, frame: Frame, values: Values, paths: Paths) -> AwaitableOrValues:
        if are_plain(values):
            return then(self._completed(frame, values, paths), self._judged)
        if waiting := awaitable_indexes(values):
            return self._settled(frame, values, paths, waiting)
        return self._sorted(frame, values, paths)

    def fail(self, frame: Frame, error: Exception, paths: Paths, index: int) -> Any:
        """Records the error and returns the value that replaces it: None or NULLED."""
        position = self._position
        frame.failures.add(error, position.nodes, paths.at(index), position.null_levels)
        return NULLED if self.non_null else None

    async def _settled(self, frame: Frame, values: Values, paths: Paths, waiting: list[int]) -> Values:
        done = self.complete(frame, await settle(values, waiting), paths)
        return done if isinstance(done, list) else await done

    def _sorted(self, frame: Frame, values: Values, paths: Paths) -> AwaitableOrValues:
        """Completes values among which are nulls and errors."""
        answers: Values = [None] * len(values)
        good: list[int] = []
        for index, value in enumerate(values):
            if is_null(value):
                answers[index] = self._missing(frame, paths, index)
            elif isinstance(value, Exception):
                answers[index] = self.fail(frame, value, paths, index)
            else:
                good.append(index)
        if not good:
            return answers
        done = self._completed(frame, [values[index] for index in good], SelectedPaths(paths, good))
        return then(then(done, self._judged), lambda completed: spread(answers, good, completed))

    def _missing(self, frame: Frame, paths: Paths, index: int) -> Any:
        if not self.non_null:
            return None
        error = TypeError(f"Cannot return null for non-nullable field {self._position.field}.")
        return self.fail(frame, error, paths, index)

    def _judged(self, completed: Values) -> Values:
        if self.non_null or NULLED not in completed:
            return completed
        return [None if value is NULLED else value for value in completed]


class LeafCompletion(Completion):
    """Scalars and enums."""

    def __init__(self, position: Position, leaf: GraphQLLeafType) -> None:
        super().__init__(position)
        self._leaf = leaf
        self._coerce = leaf.coerce_output_value
        self._exact = _EXACT.get(leaf)

    def _completed(self, frame: Frame, values: Values, paths: Paths) -> AwaitableOrValues:
        if self._exact is not None and self._is_as_served(values):
            return values
        coerce, answers = self._coerce, []
        for index, value in enumerate(values):
            try:
                coerced = coerce(value)
                if is_null(coerced):
                    raise self._uncoerced(value, coerced)  # noqa: TRY301 - as any other error of the scalar
                answers.append(coerced)
            except Exception as error:  # noqa: BLE001 - a custom scalar may raise anything
                answers.append(self.fail(frame, error, paths, index))
        return answers

    def _is_as_served(self, values: Values) -> bool:
        """Whether the scalar would return all of them unchanged."""
        if set(map(type, values)) != {self._exact}:
            return False
        return self._exact is not int or (min(values) >= GRAPHQL_MIN_INT and max(values) <= GRAPHQL_MAX_INT)

    def _uncoerced(self, value: Any, coerced: Any) -> TypeError:
        return TypeError(
            f"Expected `{inspect(self._leaf)}.coerce_output_value({inspect(value)})`"
            f" to return non-nullable value, returned: {inspect(coerced)}"
        )


class ListCompletion(Completion):
    """Lists: the items of all lists are completed together, then split again."""

    def __init__(self, position: Position, items: Completer) -> None:
        super().__init__(position)
        self._items = items

    def _completed(self, frame: Frame, values: Values, paths: Paths) -> AwaitableOrValues:
        if streams := [index for index, value in enumerate(values) if hasattr(value, "__aiter__")]:
            return self._drained(frame, values, paths, streams)
        flat: Values = []
        ends: list[int] = []
        lists: list[Any] = []
        for index, value in enumerate(values):
            try:
                items = value if isinstance(value, list) else self._iterated(value)
                flat += items
                lists.append(True)
            except Exception as error:  # noqa: BLE001 - an iterator may raise anything
                lists.append(self.fail(frame, error, paths, index))
            ends.append(len(flat))
        done = self._items.complete(frame, flat, ItemPaths(paths, ends))
        return then(done, lambda completed: self._cut(completed, ends, lists))

    async def _drained(self, frame: Frame, values: Values, paths: Paths, streams: list[int]) -> Values:
        done = self.complete(
            frame,
            await settle(
                [drained(value) if index in streams else value for index, value in enumerate(values)], streams
            ),
            paths,
        )
        return done if isinstance(done, list) else await done

    def _iterated(self, value: Any) -> list[Any]:
        if not is_iterable(value):
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{self._position.field}'.")
        return list(value)

    def _cut(self, completed: Values, ends: list[int], lists: list[Any]) -> Values:
        is_broken = self._items.non_null and NULLED in completed
        answers: Values = []
        begin = 0
        for end, outcome in zip(ends, lists, strict=True):
            part = completed[begin:end]
            begin = end
            if outcome is not True:
                answers.append(outcome)
            else:
                answers.append(NULLED if is_broken and NULLED in part else part)
        return answers
