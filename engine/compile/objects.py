"""Completion of objects, and of values of interfaces and unions, which are grouped by type first."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    default_type_resolver,
    is_object_type,
)
from graphql.pyutils import inspect
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import get_strawberry_type_cast
from strawberry.types.union import StrawberryUnion

from engine.compile.completion import Completion, Position
from engine.runtime.frame import FieldInfo, Frame
from engine.runtime.result_paths import Paths, SelectedPaths
from engine.runtime.values import AwaitableOrValues, Values, awaitable_indexes, gather_all, settle, spread, then


class Rows(Protocol):
    """Builds rows of objects: a selection."""

    def answer(self, frame: Frame, objects: Values, paths: Paths) -> AwaitableOrValues: ...


class ObjectCompletion(Completion):
    """Objects of one type."""

    def __init__(self, position: Position, kind: GraphQLObjectType, selection: Rows, info: FieldInfo) -> None:
        super().__init__(position)
        self._kind, self._selection, self._info = kind, selection, info
        definition = (kind.extensions or {}).get("strawberry-definition")
        self._checks: Callable[..., Any] | None = kind.is_type_of
        # Strawberry's own check succeeds only for instances of the class itself, unless they are cast.
        is_own = isinstance(definition, StrawberryObjectDefinition) and definition.is_type_of is None
        self._origin: type | None = definition.origin if definition is not None and is_own else None

    def _completed(self, frame: Frame, values: Values, paths: Paths) -> AwaitableOrValues:
        if self._checks is None or self._are_of_origin(values):
            return self._selection.answer(frame, values, paths)
        verdicts: Values = []
        for index, value in enumerate(values):
            try:
                verdicts.append(self._checks(value, self._info.at(frame, paths, index)))
            except Exception as error:  # noqa: BLE001 - a check may raise anything
                verdicts.append(error)
        if waiting := awaitable_indexes(verdicts):
            return self._checked_later(frame, values, paths, verdicts, waiting)
        return self._checked(frame, values, paths, verdicts)

    def _are_of_origin(self, values: Values) -> bool:
        is_one = self._origin is not None and set(map(type, values)) == {self._origin}
        return is_one and not any(map(get_strawberry_type_cast, values))

    async def _checked_later(
        self, frame: Frame, values: Values, paths: Paths, verdicts: Values, waiting: list[int]
    ) -> Values:
        done = self._checked(frame, values, paths, await settle(verdicts, waiting))
        return done if isinstance(done, list) else await done

    def _checked(self, frame: Frame, values: Values, paths: Paths, verdicts: Values) -> AwaitableOrValues:
        answers: Values = [None] * len(values)
        good: list[int] = []
        for index, verdict in enumerate(verdicts):
            if isinstance(verdict, Exception):
                answers[index] = self.fail(frame, verdict, paths, index)
            elif verdict:
                good.append(index)
            else:
                text = f"Expected value of type '{self._kind}' but got: {inspect(values[index])}."
                answers[index] = self.fail(frame, GraphQLError(text, self._position.nodes), paths, index)
        done = self._selection.answer(frame, [values[index] for index in good], SelectedPaths(paths, good))
        return then(done, lambda completed: spread(answers, good, completed))


class AbstractCompletion(Completion):
    """Values of an interface or a union."""

    def __init__(
        self,
        position: Position,
        kind: GraphQLAbstractType,
        schema: GraphQLSchema,
        possible: Mapping[str, ObjectCompletion],
        info: FieldInfo,
    ) -> None:
        super().__init__(position)
        self._kind, self._schema, self._possible, self._info = kind, schema, possible, info
        self._resolve: Callable[..., Any] = kind.resolve_type or default_type_resolver
        definition = (kind.extensions or {}).get("strawberry-definition")
        is_own = isinstance(definition, StrawberryUnion) or (
            isinstance(definition, StrawberryObjectDefinition) and definition.resolve_type is None
        )
        # Strawberry's own resolver takes an instance of a type of the schema for that type, unless it is cast.
        self._by_class = _own_classes(schema, possible) if is_own else {}

    def _completed(self, frame: Frame, values: Values, paths: Paths) -> AwaitableOrValues:
        if (known := self._known(values)) is not None:
            return self._grouped(frame, values, paths, known)
        names = [self._name(frame, value, paths, index) for index, value in enumerate(values)]
        if waiting := awaitable_indexes(names):
            return self._named_later(frame, values, paths, names, waiting)
        return self._grouped(frame, values, paths, names)

    def _known(self, values: Values) -> Values | None:
        """Type names if all values are instances of the schema's classes and none is cast; else None."""
        try:
            names = [self._by_class[type(value)] for value in values]
        except KeyError:
            return None
        return None if any(map(get_strawberry_type_cast, values)) else names

    def _name(self, frame: Frame, value: Any, paths: Paths, index: int) -> Any:
        known = self._by_class.get(type(value))
        if known is not None and get_strawberry_type_cast(value) is None:
            return known
        try:
            return self._resolve(value, self._info.at(frame, paths, index), self._kind)
        except Exception as error:  # noqa: BLE001 - a type resolver may raise anything
            return error

    async def _named_later(
        self, frame: Frame, values: Values, paths: Paths, names: Values, waiting: list[int]
    ) -> Values:
        done = self._grouped(frame, values, paths, await settle(names, waiting))
        return done if isinstance(done, list) else await done

    def _grouped(self, frame: Frame, values: Values, paths: Paths, names: Values) -> AwaitableOrValues:
        answers: Values = [None] * len(values)
        groups: dict[str, list[int]] = {}
        for index, name in enumerate(names):
            if isinstance(name, str) and name in self._possible:
                groups.setdefault(name, []).append(index)
            else:
                error = name if isinstance(name, Exception) else self._wrong(name, values[index])
                answers[index] = self.fail(frame, error, paths, index)
        waiting: list[Coroutine[Any, Any, Values]] = []
        for name, chosen in groups.items():
            some = [values[index] for index in chosen]
            done = self._possible[name].complete(frame, some, SelectedPaths(paths, chosen))
            if isinstance(done, list):
                spread(answers, chosen, done)
            else:
                waiting.append(_put_later(answers, chosen, done))
        return _waited(answers, waiting) if waiting else answers

    def _wrong(self, name: Any, value: Any) -> GraphQLError:
        """The error in graphql-core's words."""
        return GraphQLError(self._fault(name, value), self._position.nodes)

    def _fault(self, name: Any, value: Any) -> str:
        kind, field = self._kind, self._position.field
        must = f"Abstract type '{kind}' must resolve to an Object type at runtime for field '{field}'"
        if name is None:
            return (
                f"{must}. Either the '{kind}' type should provide a 'resolve_type' function"
                " or each possible type should provide an 'is_type_of' function."
            )
        if not isinstance(name, str):
            return (
                f"{must} with value {inspect(value)}, received '{inspect(name)}',"
                " which is not a valid Object type name."
            )
        found = self._schema.get_type(name)
        if found is None:
            return f"Abstract type '{kind}' was resolved to a type '{name}' that does not exist inside the schema."
        if not is_object_type(found):
            return f"Abstract type '{kind}' was resolved to a non-object type '{name}'."
        return f"Runtime Object type '{found}' is not a possible type for '{kind}'."


def _own_classes(schema: GraphQLSchema, possible: Mapping[str, ObjectCompletion]) -> dict[type, str]:
    """Classes that belong to exactly one type."""
    found: dict[type, str] = {}
    for name in possible:
        kind = schema.type_map[name]
        definition = (kind.extensions or {}).get("strawberry-definition")
        if isinstance(definition, StrawberryObjectDefinition) and not definition.concrete_of:
            found[definition.origin] = name
    return found


async def _put_later(answers: Values, chosen: list[int], completed: Coroutine[Any, Any, Values]) -> Values:
    return spread(answers, chosen, await completed)


async def _waited(answers: Values, waiting: list[Coroutine[Any, Any, Values]]) -> Values:
    await gather_all(waiting)
    return answers
