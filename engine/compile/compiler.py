"""Compiles one operation of a valid document into a plan of selections, columns and completions."""

from collections.abc import Sequence
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from strawberry.types.field import StrawberryField

from engine.compile.arguments import Arguments
from engine.compile.columns import Column
from engine.compile.completion import Completion, LeafCompletion, ListCompletion, Position
from engine.compile.fallback_reasons import FallbackError, FallbackReason
from engine.compile.fields import FieldCollector, Grouped, Switches
from engine.compile.objects import AbstractCompletion, ObjectCompletion
from engine.compile.resolver_strategies import PreloadedStrategy, ResolverStrategy, strategy_for
from engine.compile.row_builder import Attribute, RowBuilder
from engine.compile.selection import Selection, SelectionPlan, SerialSelection
from engine.runtime.batches import Preloaded, Requirement, preloaded_of
from engine.runtime.field_readers import FieldReader, UnsafeNameError, field_reader_of
from engine.runtime.frame import Document, FieldInfo, Frame
from engine.runtime.interned import Internable
from engine.runtime.result_paths import PathStep, RootPath
from engine.runtime.values import NULLED

MOST_FIELDS = 2_000
"""Fields of a plan; a field below an interface counts once for each possible type."""


class Plan:
    """A compiled operation; it may run any number of times."""

    def __init__(self, document: Document, root: Selection | SerialSelection, fields: int) -> None:
        self.document, self._root, self.fields = document, root, fields

    async def run(self, frame: Frame) -> dict[str, Any] | None:
        """The data, or None; errors are in the frame."""
        rows = self._root.answer(frame, [frame.root], RootPath())
        (data,) = rows if isinstance(rows, list) else await rows
        return None if data is NULLED else cast(dict[str, Any], data)


class Compiler:
    """Compiler of one operation, for one set of values of its switches."""

    def __init__(
        self,
        strawberry_schema: Any,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        switches: Switches,
    ) -> None:
        self._strawberry = strawberry_schema
        self._schema = schema
        self._operation = operation
        self._collector = FieldCollector(schema, document, switches)
        self._fields = 0

    def plan(self) -> Plan:
        """Raises FallbackError for an operation that is left to graphql-core."""
        try:
            return self._plan()
        except RecursionError:
            raise FallbackError(FallbackReason.SIZE) from None
        except UnsafeNameError:
            raise FallbackError(FallbackReason.FIELD) from None

    def _plan(self) -> Plan:
        if self._operation.directives:
            raise FallbackError(FallbackReason.DIRECTIVE)
        kind = self._schema.get_root_type(self._operation.operation)
        if kind is None:
            raise FallbackError(FallbackReason.FIELD)
        grouped = self._collector.collect(kind, [self._operation.selection_set])
        root: Selection | SerialSelection
        if self._operation.operation is OperationType.MUTATION:
            root = self._serial(kind, grouped)
        else:
            root = self._selection(kind, grouped, null_levels=0)
        document = Document(self._schema, self._collector.fragments, self._operation)
        return Plan(document, root, self._fields)

    def _serial(self, kind: GraphQLObjectType, grouped: Grouped) -> SerialSelection:
        columns = [
            self._column(kind, PathStep(rank, key, kind.name), nodes, null_levels=0)
            for rank, (key, nodes) in enumerate(grouped.items())
            if not _is_type_name(nodes)
        ]
        return SerialSelection(_template(kind, grouped), columns)

    def _selection(self, kind: GraphQLObjectType, grouped: Grouped, *, null_levels: int) -> Selection:
        """`null_levels`: how many levels a null in place of such an object propagates up."""
        fast, general, required = _SelectionPlanBuilder(), _SelectionPlanBuilder(), set[Requirement]()
        for rank, (key, nodes) in enumerate(grouped.items()):
            self._count()
            if _is_type_name(nodes):
                fast.cells[key] = general.cells[key] = kind.name
                continue
            preloaded = self._preloaded(kind, nodes)
            attribute = self._attribute(kind, nodes, preloaded)
            column = self._column(kind, PathStep(rank, key, kind.name), nodes, null_levels=null_levels)
            fast.put(key, attribute, _preloaded_column(column, preloaded))
            general.put(key, None if preloaded else attribute, column)
            if preloaded:
                required.add(preloaded.required)
        plans = fast.built(), general.built() if required else None
        return Selection(_template(kind, grouped), *plans, required, caches_rows=_is_internable(kind))

    def _preloaded(self, kind: GraphQLObjectType, nodes: list[FieldNode]) -> Preloaded | None:
        """Preloaded values of the field: leaves unchanged or by their `present`, other types by it alone."""
        field = self._field(kind, nodes)
        definition = (field.extensions or {}).get("strawberry-definition")
        preloaded = None if definition is None else _preloaded_of(self._strawberry, definition)
        return preloaded if preloaded and (preloaded.present or is_leaf_type(_nullable(field.type))) else None

    def _attribute(
        self, kind: GraphQLObjectType, nodes: list[FieldNode], preloaded: Preloaded | None
    ) -> Attribute | None:
        """How the row builder reads the field; None if the field needs a column."""
        field = self._field(kind, nodes)
        leaf = _nullable(field.type)
        definition = (field.extensions or {}).get("strawberry-definition")
        if definition is None or not is_leaf_type(leaf) or (preloaded and preloaded.present):
            return None
        reader = preloaded.path if preloaded else _field_reader(self._strawberry, definition)
        return None if reader is None else Attribute(reader, leaf, is_non_null_type(field.type))

    def _column(self, kind: GraphQLObjectType, step: PathStep, nodes: list[FieldNode], *, null_levels: int) -> Column:
        field = self._field(kind, nodes)
        info = FieldInfo(kind, field, nodes)
        strategy = self._strategy(field, info, nodes)
        name = f"{kind.name}.{nodes[0].name.value}"
        return Column(step, strategy, self._completion(field.type, name, nodes, info, null_levels))

    def _strategy(self, field: GraphQLField, info: FieldInfo, nodes: list[FieldNode]) -> ResolverStrategy:
        if field.resolve is None:
            raise FallbackError(FallbackReason.FIELD)
        return strategy_for(self._strawberry, field, info, Arguments(field, nodes[0]))

    def _completion(
        self, declared: GraphQLOutputType, name: str, nodes: list[FieldNode], info: FieldInfo, null_levels: int
    ) -> Completion:
        non_null = is_non_null_type(declared)
        inner = _nullable(declared)
        position = Position(name, nodes, non_null, 1 + null_levels if non_null else 0)
        if is_list_type(inner):
            return ListCompletion(position, self._completion(inner.of_type, name, nodes, info, position.null_levels))
        if is_leaf_type(inner):
            return LeafCompletion(position, inner)
        if is_object_type(inner):
            return self._object(position, inner, nodes, info)
        abstract = cast(GraphQLAbstractType, inner)
        possible = {
            kind.name: self._object(position, kind, nodes, info) for kind in self._schema.get_possible_types(abstract)
        }
        return AbstractCompletion(position, abstract, self._schema, possible, info)

    def _object(
        self, position: Position, kind: GraphQLObjectType, nodes: Sequence[FieldNode], info: FieldInfo
    ) -> ObjectCompletion:
        self._count()
        grouped = self._collector.collect(kind, [node.selection_set for node in nodes if node.selection_set])
        return ObjectCompletion(position, kind, self._selection(kind, grouped, null_levels=position.null_levels), info)

    def _field(self, kind: GraphQLObjectType, nodes: list[FieldNode]) -> GraphQLField:
        field: GraphQLField | None = kind.fields.get(nodes[0].name.value)
        if field is None:
            raise FallbackError(FallbackReason.FIELD)
        return field

    def _count(self) -> None:
        self._fields += 1
        if self._fields > MOST_FIELDS:
            raise FallbackError(FallbackReason.SIZE)


def _is_type_name(nodes: list[FieldNode]) -> bool:
    return nodes[0].name.value == "__typename"


def _preloaded_column(column: Column, preloaded: Preloaded | None) -> Column:
    if preloaded is None or preloaded.present is None:
        return column
    return column.by(PreloadedStrategy(preloaded.path, preloaded.present))


class _SelectionPlanBuilder:
    """Collects the cells and columns of a selection plan."""

    def __init__(self) -> None:
        self.cells: dict[str, Attribute | str | None] = {}
        self._leaves: list[Column] = []
        self._columns: list[Column] = []

    def put(self, key: str, attribute: Attribute | None, column: Column) -> None:
        self.cells[key] = attribute
        (self._columns if attribute is None else self._leaves).append(column)

    def built(self) -> SelectionPlan:
        return SelectionPlan(RowBuilder(self.cells), self._leaves, self._columns)


def _field_reader(strawberry_schema: Any, definition: Any) -> FieldReader | None:
    """How the field is read off its object; None if Strawberry does more than read."""
    if not _is_simple(strawberry_schema, definition):
        return None
    if definition.base_resolver is not None:
        return None if definition.arguments else field_reader_of(definition.base_resolver.wrapped_func)
    return cast(str, definition.python_name) if definition.default_resolver is getattr else None


def _preloaded_of(strawberry_schema: Any, definition: Any) -> Preloaded | None:
    if definition.base_resolver is None or definition.arguments or not _is_simple(strawberry_schema, definition):
        return None
    return preloaded_of(definition.base_resolver.wrapped_func)


def _nullable(declared: GraphQLOutputType) -> Any:
    return declared.of_type if is_non_null_type(declared) else declared


def _is_internable(kind: GraphQLObjectType) -> bool:
    definition = (kind.extensions or {}).get("strawberry-definition")
    return definition is not None and issubclass(definition.origin, Internable)


def _is_simple(strawberry_schema: Any, definition: Any) -> bool:
    """Whether Strawberry wraps nothing around the field's resolver."""
    return type(definition) is StrawberryField and not (
        definition.extensions or strawberry_schema.schema_converter.exception_handlers
    )


def _template(kind: GraphQLObjectType, grouped: Grouped) -> dict[str, Any]:
    return {key: kind.name if _is_type_name(nodes) else None for key, nodes in grouped.items()}
