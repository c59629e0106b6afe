"""Resolver strategies: how a field's values are obtained, by attribute, per-object resolver or batch resolver."""

from collections.abc import Callable, Sequence
from inspect import isawaitable
from operator import attrgetter
from typing import Any, Protocol, cast

from graphql import GraphQLField
from strawberry.types.field import StrawberryField

from engine.compile.arguments import Arguments
from engine.compile.converted_arguments import ConvertedArguments
from engine.runtime.batches import BatchResolver, batch_resolver_of
from engine.runtime.frame import FieldInfo, Frame
from engine.runtime.result_paths import Paths
from engine.runtime.values import AwaitableOrValues, Values


class ResolverStrategy(Protocol):
    """Returns one value for each parent; an exception is the error of that parent's field.

    `calls_resolvers` is False if the values are read off the parents alone.
    """

    calls_resolvers: bool

    def __call__(self, frame: Frame, parents: Values, paths: Paths) -> AwaitableOrValues: ...


class AttributeStrategy:
    """Reads an attribute, as Strawberry's default resolver does."""

    def __init__(self, name: str, read: Callable[[Any, str], Any]) -> None:
        self._name, self._read, self.calls_resolvers = name, read, read is not getattr

    def __call__(self, frame: Frame, parents: Values, paths: Paths) -> AwaitableOrValues:  # noqa: ARG002 - as ResolverStrategy has it
        frame.resolver_calls += self.calls_resolvers
        values: Values = []
        for parent in parents:
            try:
                values.append(self._read(parent, self._name))
            except Exception as error:  # noqa: BLE001 - a property may raise anything
                values.append(error)
        return values


class PreloadedStrategy:
    """Presents values that the objects have preloaded, in place of a batch resolver."""

    calls_resolvers = False

    def __init__(self, path: str, present: Callable[[Any, Any], Any]) -> None:
        self._get, self._present = attrgetter(path), present

    def __call__(self, frame: Frame, parents: Values, paths: Paths) -> AwaitableOrValues:  # noqa: ARG002 - as ResolverStrategy has it
        get, present, context, values = self._get, self._present, frame.context, []
        for parent in parents:
            try:
                values.append(present(get(parent), context))
            except Exception as error:  # noqa: BLE001 - as for a resolver
                values.append(error)
        return values


class WrappedStrategy:
    """Calls the wrapper that Strawberry made for graphql-core: it runs extensions, permissions and error handlers."""

    calls_resolvers = True

    def __init__(self, field: GraphQLField, info: FieldInfo, arguments: Arguments) -> None:
        self._resolve: Callable[..., Any] = field.resolve  # type: ignore[assignment]
        self._info, self._arguments = info, arguments

    def __call__(self, frame: Frame, parents: Values, paths: Paths) -> AwaitableOrValues:
        values: Values = []
        try:
            for arguments in self._arguments.each(frame, len(parents)):
                index = len(values)
                values.append(self._called(parents[index], self._info.at(frame, paths, index), arguments))
        except Exception as error:  # noqa: BLE001 - arguments that do not fit
            return [error] * len(parents)
        return values

    def _called(self, parent: Any, info: Any, arguments: dict[str, Any]) -> Any:
        try:
            return self._resolve(parent, info, **arguments)
        except Exception as error:  # noqa: BLE001 - whatever a resolver raises is an error of its field
            return error


class DirectStrategy:
    """Calls the resolver itself, for each parent."""

    calls_resolvers = True

    def __init__(
        self, definition: StrawberryField, info: FieldInfo, arguments: ConvertedArguments, info_class: Any
    ) -> None:
        resolver = definition.base_resolver
        assert resolver is not None  # noqa: S101 - of a field with a resolver
        self._function = cast(Callable[..., Any], resolver.wrapped_func)
        self._definition, self._info, self._info_class = definition, info, info_class
        self._arguments = arguments
        self._takes_self = resolver.self_parameter is not None
        self._info_name = resolver.info_parameter.name if resolver.info_parameter else None
        parents = (resolver.parent_parameter, resolver.root_parameter)
        self._parent_names = [parameter.name for parameter in parents if parameter is not None]

    def __call__(self, frame: Frame, parents: Values, paths: Paths) -> AwaitableOrValues:
        frame.resolver_calls += 1
        if self._arguments.constant == {} and self._takes_self and not self._info_name and not self._parent_names:
            return self._plainly(parents)
        shared = self._arguments.at_once(frame.variables.coerced)
        if shared is not None:
            return [self._called(frame, parent, paths, index, shared) for index, parent in enumerate(parents)]
        values: Values = []
        try:
            for raw in self._arguments.raw.each(frame, len(parents)):
                index = len(values)
                values.append(self._converted(frame, parents[index], paths, index, raw))
        except Exception as error:  # noqa: BLE001 - arguments that do not fit
            return [error] * len(parents)
        return values

    def _plainly(self, parents: Values) -> Values:
        function, values = self._function, []
        for parent in parents:
            try:
                values.append(function(parent))
            except Exception as error:  # noqa: BLE001 - whatever a resolver raises is an error of its field
                values.append(error)
        return values

    def _converted(self, frame: Frame, parent: Any, paths: Paths, index: int, raw: dict[str, Any]) -> Any:
        try:
            converted = self._arguments.of(raw, self._build_info(frame, paths, index))
        except Exception as error:  # noqa: BLE001 - what an input type raises is an error of its field
            return error
        return self._called(frame, parent, paths, index, converted)

    def _called(self, frame: Frame, parent: Any, paths: Paths, index: int, converted: dict[str, Any]) -> Any:
        named = dict(converted)
        for name in self._parent_names:
            named[name] = parent
        if self._info_name:
            named[self._info_name] = self._build_info(frame, paths, index)
        try:
            return self._function(parent, **named) if self._takes_self else self._function(**named)
        except Exception as error:  # noqa: BLE001 - whatever a resolver raises is an error of its field
            return error

    def _build_info(self, frame: Frame, paths: Paths, index: int) -> Any:
        return self._info_class(_raw_info=self._info.at(frame, paths, index), _field=self._definition)


class BatchStrategy:
    """Calls a batch resolver once for all parents. Its `info` is that of the first parent."""

    calls_resolvers = True

    def __init__(
        self,
        resolver: BatchResolver,
        definition: StrawberryField,
        info: FieldInfo,
        arguments: ConvertedArguments,
        info_class: Any,
    ) -> None:
        self._resolver, self._definition, self._info, self._info_class = resolver, definition, info, info_class
        self._arguments = arguments

    def __call__(self, frame: Frame, parents: Values, paths: Paths) -> AwaitableOrValues:
        if not parents:
            return []
        info = self._info_class(_raw_info=self._info.at(frame, paths, 0), _field=self._definition)
        try:
            converted = self._arguments.at_once(frame.variables.coerced)
            if converted is None:
                converted = self._arguments.of(self._arguments.raw.of(frame), info)
            results: Any = self._resolver(parents, info, **converted)
        except Exception as error:  # noqa: BLE001 - it is the error of each of them
            return [error] * len(parents)
        return self._awaited(results, len(parents)) if isawaitable(results) else _checked(results, len(parents))

    @staticmethod
    async def _awaited(results: Any, number: int) -> Values:
        try:
            return _checked(await results, number)
        except Exception as error:  # noqa: BLE001 - it is the error of each of them
            return [error] * number


def _checked(results: Sequence[Any], number: int) -> Values:
    if len(results) != number:
        error = TypeError(f"A batch resolver gave {len(results)} results for {number} objects.")
        return [error] * number
    return list(results)


def strategy_for(schema: Any, field: GraphQLField, info: FieldInfo, arguments: Arguments) -> ResolverStrategy:
    """The fastest strategy that does everything Strawberry would do."""
    definition = (field.extensions or {}).get("strawberry-definition")
    converter = schema.schema_converter
    if type(definition) is not StrawberryField or definition.extensions or converter.exception_handlers:
        return WrappedStrategy(field, info, arguments)
    if definition.base_resolver is None:
        return AttributeStrategy(definition.python_name, definition.default_resolver)
    if definition.is_subscription:
        return WrappedStrategy(field, info, arguments)
    converted = ConvertedArguments(definition, schema.config, converter.scalar_registry, arguments)
    resolver = batch_resolver_of(definition.base_resolver.wrapped_func)
    if resolver is not None:
        return BatchStrategy(resolver, definition, info, converted, schema.config.info_class)
    return DirectStrategy(definition, info, converted, schema.config.info_class)
