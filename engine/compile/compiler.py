"""DistributedLocks one operation of a valid document into a plan: selections, columns and completions made for it alone."""

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
from engine.compile.completion import Completion, LeafCompletion, ListCompletion, Position
from engine.compile.fallback_reasons import Refusal, UncompiledError
from engine.compile.fields import FieldCollector, Grouped, Switches
from engine.compile.objects import AbstractCompletion, ObjectCompletion
from engine.compile.resolver_strategies import Call, HandCall, call_of
from engine.compile.row_builder import Attribute, Display
from engine.compile.selection import Column, Selection, SerialSelection, Way
from engine.runtime.batches import Hand, hand_of
from engine.runtime.field_readers import Reading, UnsafeNameError, reading_of
from engine.runtime.frame import Document, FieldInfo, Frame
from engine.runtime.interned import Lasting
from engine.runtime.result_paths import RootPlace, Step
from engine.runtime.values import NULLED

MOST_FIELDS = 2_000
"""Fields of a plan; a field below an interface counts once for each type that it may have."""


class Plan:
    """An operation made ready to run any number of times."""

    def __init__(self, document: Document, root: Selection | SerialSelection, fields: int) -> None:
        self.document, self._root, self.fields = document, root, fields

    async def run(self, frame: Frame) -> dict[str, Any] | None:
        """The data; errors are in the frame."""
        rows = self._root.answer(frame, [frame.root], RootPlace())
        (data,) = rows if isinstance(rows, list) else await rows
        return None if data is NULLED else cast(dict[str, Any], data)


class Compiler:
    """Of one operation, for one setting of its switches."""

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
        """Raises UncompiledError for what is left to graphql-core."""
        try:
            return self._plan()
        except RecursionError:
            raise UncompiledError(Refusal.SIZE) from None
        except UnsafeNameError:
            raise UncompiledError(Refusal.FIELD) from None

    def _plan(self) -> Plan:
        if self._operation.directives:
            raise UncompiledError(Refusal.DIRECTIVE)
        kind = self._schema.get_root_type(self._operation.operation)
        if kind is None:
            raise UncompiledError(Refusal.FIELD)
        grouped = self._collector.collect(kind, [self._operation.selection_set])
        root: Selection | SerialSelection
        if self._operation.operation is OperationType.MUTATION:
            root = self._serial(kind, grouped)
        else:
            root = self._selection(kind, grouped, climbs=0)
        document = Document(self._schema, self._collector.fragments, self._operation)
        return Plan(document, root, self._fields)

    def _serial(self, kind: GraphQLObjectType, grouped: Grouped) -> SerialSelection:
        columns = [
            self._column(kind, Step(rank, key, kind.name), nodes, climbs=0)
            for rank, (key, nodes) in enumerate(grouped.items())
            if not _is_type_name(nodes)
        ]
        return SerialSelection(_template(kind, grouped), columns)

    def _selection(self, kind: GraphQLObjectType, grouped: Grouped, *, climbs: int) -> Selection:
        """`climbs`: how far a null of such an object climbs."""
        near, far, hands = _Way(), _Way(), set[str]()
        for rank, (key, nodes) in enumerate(grouped.items()):
            self._count()
            if _is_type_name(nodes):
                near.shown[key] = far.shown[key] = kind.name
                continue
            hand = self._hand(kind, nodes)
            attribute = self._attribute(kind, nodes, hand)
            column = self._column(kind, Step(rank, key, kind.name), nodes, climbs=climbs)
            near.put(key, attribute, column.by(HandCall(hand.path, hand.show)) if hand and hand.show else column)
            far.put(key, None if hand else attribute, column)
            hands |= {hand.path if hand.show else hand.path.partition(".")[0]} if hand else set()
        ways = near.made(), far.made() if hands else None
        return Selection(_template(kind, grouped), *ways, hands, keeps=_is_lasting(kind))

    def _hand(self, kind: GraphQLObjectType, nodes: list[FieldNode]) -> Hand | None:
        """Where values of the field may be at hand: of leaves as they are, of others by what shows them."""
        field = self._field(kind, nodes)
        definition = (field.extensions or {}).get("strawberry-definition")
        hand = None if definition is None else _hand_of(self._strawberry, definition)
        return hand if hand and (hand.show is None) == is_leaf_type(_nullable(field.type)) else None

    def _attribute(self, kind: GraphQLObjectType, nodes: list[FieldNode], hand: Hand | None) -> Attribute | None:
        """How the field is shown in its row at once, None where it has a column of its own."""
        field = self._field(kind, nodes)
        leaf = _nullable(field.type)
        definition = (field.extensions or {}).get("strawberry-definition")
        if definition is None or not is_leaf_type(leaf):
            return None
        reading = hand.path if hand else _reading(self._strawberry, definition)
        return None if reading is None else Attribute(reading, leaf, is_non_null_type(field.type))

    def _column(self, kind: GraphQLObjectType, step: Step, nodes: list[FieldNode], *, climbs: int) -> Column:
        field = self._field(kind, nodes)
        info = FieldInfo(kind, field, nodes)
        call = self._call(field, info, nodes)
        name = f"{kind.name}.{nodes[0].name.value}"
        return Column(step, call, self._completion(field.type, name, nodes, info, climbs))

    def _call(self, field: GraphQLField, info: FieldInfo, nodes: list[FieldNode]) -> Call:
        if field.resolve is None:
            raise UncompiledError(Refusal.FIELD)
        return call_of(self._strawberry, field, info, Arguments(field, nodes[0]))

    def _completion(
        self, declared: GraphQLOutputType, name: str, nodes: list[FieldNode], info: FieldInfo, climbs: int
    ) -> Completion:
        non_null = is_non_null_type(declared)
        inner = _nullable(declared)
        position = Position(name, nodes, non_null, 1 + climbs if non_null else 0)
        if is_list_type(inner):
            return ListCompletion(position, self._completion(inner.of_type, name, nodes, info, position.climbs))
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
        return ObjectCompletion(position, kind, self._selection(kind, grouped, climbs=position.climbs), info)

    def _field(self, kind: GraphQLObjectType, nodes: list[FieldNode]) -> GraphQLField:
        field: GraphQLField | None = kind.fields.get(nodes[0].name.value)
        if field is None:
            raise UncompiledError(Refusal.FIELD)
        return field

    def _count(self) -> None:
        self._fields += 1
        if self._fields > MOST_FIELDS:
            raise UncompiledError(Refusal.SIZE)


def _is_type_name(nodes: list[FieldNode]) -> bool:
    return nodes[0].name.value == "__typename"


class _Way:
    """What becomes a way of a selection."""

    def __init__(self) -> None:
        self.shown: dict[str, Attribute | str | None] = {}
        self._leaves: list[Column] = []
        self._columns: list[Column] = []

    def put(self, key: str, attribute: Attribute | None, column: Column) -> None:
        self.shown[key] = attribute
        (self._columns if attribute is None else self._leaves).append(column)

    def made(self) -> Way:
        return Way(Display(self.shown), self._leaves, self._columns)


def _reading(strawberry_schema: Any, definition: Any) -> Reading | None:
    """How a field is read off its object; None where Strawberry does more than that."""
    if not _is_simple(strawberry_schema, definition):
        return None
    if definition.base_resolver is not None:
        return None if definition.arguments else reading_of(definition.base_resolver.wrapped_func)
    return cast(str, definition.python_name) if definition.default_resolver is getattr else None


def _hand_of(strawberry_schema: Any, definition: Any) -> Hand | None:
    if definition.base_resolver is None or definition.arguments or not _is_simple(strawberry_schema, definition):
        return None
    return hand_of(definition.base_resolver.wrapped_func)


def _nullable(declared: GraphQLOutputType) -> Any:
    return declared.of_type if is_non_null_type(declared) else declared


def _is_lasting(kind: GraphQLObjectType) -> bool:
    definition = (kind.extensions or {}).get("strawberry-definition")
    return definition is not None and issubclass(definition.origin, Lasting)


def _is_simple(strawberry_schema: Any, definition: Any) -> bool:
    """Whether Strawberry runs nothing around the field."""
    return type(definition) is StrawberryField and not (
        definition.extensions or strawberry_schema.schema_converter.exception_handlers
    )


def _template(kind: GraphQLObjectType, grouped: Grouped) -> dict[str, Any]:
    return {key: kind.name if _is_type_name(nodes) else None for key, nodes in grouped.items()}
