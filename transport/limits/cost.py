"""Query cost: measures a document and refuses one that is too large, before validation walks it.

Each fragment is measured once, however often it is spread, so the walk is linear in the document's tokens.
"""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import NamedTuple, NoReturn, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    is_object_type,
)
from msgspec import structs

from core.errors import CodedError, ErrorCode
from transport.limits.field_overlaps import MOST_PAIRS, pairs_to_compare
from transport.limits.limits import Limits
from transport.limits.multipliers import PAGE_ARGUMENTS, Multipliers, check_variables, field_of, result_type
from transport.limits.selection_size import SelectionSize, add_sizes
from transport.limits.work import NO_WORK, WorkTable

INTROSPECTION_DEPTH = 20
INTROSPECTION_COST = 100
NESTINGS_PER_LEVEL = 4
"""Nested selection sets allowed per level of depth: fragments nest without adding depth."""


class QueryCost(NamedTuple):
    """Cost and work in points, and the variables whose sizes and values determine it."""

    points: int
    size_variables: frozenset[str]


def check_document(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    *,
    schema: GraphQLSchema,
    variables: Mapping[str, object],
    limits: Limits,
    work: WorkTable = NO_WORK,
) -> QueryCost:
    """Points of the operation: the objects it may return, each page counted as full, and the work of its fields.

    `limits.cost` bounds the objects alone. The rest of the document must be within the limits too, because validation
    visits all of it.
    Raises CodedError: QUERY_TOO_COMPLEX, or GRAPHQL_VALIDATION_FAILED if a fragment contains itself.
    """
    check_variables(variables, limits)
    walk = _CostWalk(document, schema=schema, variables=variables, limits=limits, work=work)
    points = walk.check(operation)
    if pairs_to_compare(walk.roots(), walk.fragments) > MOST_PAIRS:
        refuse("selects the same fields again and again")
    return QueryCost(points + work.operation, frozenset(walk.size_variables))


def refuse(reason: str) -> NoReturn:
    raise CodedError(ErrorCode.QUERY_TOO_COMPLEX, f"The document {reason}.")


class _CostWalk:
    def __init__(
        self,
        document: DocumentNode,
        *,
        schema: GraphQLSchema,
        variables: Mapping[str, object],
        limits: Limits,
        work: WorkTable,
    ) -> None:
        self._schema, self._limits, self._work = schema, limits, work
        self._multipliers = Multipliers(document, variables, limits)
        self.size_variables = self._multipliers.size_variables
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        self._measured: dict[str, SelectionSize] = {}
        self._most_in_one_place = 0
        self._open_fragments: set[str] = set()
        self._spread_fragments: set[str] = set()

    def check(self, operation: OperationDefinitionNode) -> int:
        """Cost and work in points of `operation`, which must be in the document."""
        points = selections = 0
        counts = _directives_of(self._operations, self.fragments.values())
        self._most_in_one_place = max(counts)
        self._check_limits(SelectionSize(directives=sum(counts)), 0)
        for node in self._operations:
            measure = self._operation(node)
            self._check_limits(measure, self._limits.depth)
            selections += measure.selections
            points = self._points(measure) if node is operation else points
        for name, fragment in self.fragments.items():
            is_introspection = fragment.type_condition.name.value.startswith("__")
            self._check_limits(self._fragment(name, 0), INTROSPECTION_DEPTH if is_introspection else self._limits.depth)
        selections += sum(self._measured[name].selections for name in self.fragments.keys() - self._spread_fragments)
        self._check_limits(SelectionSize(selections=selections), 0)
        if self._most_in_one_place > self._limits.directives_in_one_place:
            allowed = self._limits.directives_in_one_place
            refuse(f"has {self._most_in_one_place} directives in one place where {allowed} are allowed")
        return points

    def roots(self) -> list[SelectionSetNode]:
        """Selection sets of the operations and of the unused fragments. Call it after `check`."""
        unused = [fragment for name, fragment in self.fragments.items() if name not in self._spread_fragments]
        return [node.selection_set for node in (*self._operations, *unused)]

    def _points(self, measure: SelectionSize) -> int:
        return ceil(measure.cost / self._work.objects_a_point) + measure.work

    def _operation(self, node: OperationDefinitionNode) -> SelectionSize:
        root = self._schema.get_root_type(node.operation)
        return add_sizes(
            self._selections(node.selection_set, root, 0), SelectionSize(directives=len(node.directives or ()))
        )

    def _check_limits(self, measure: SelectionSize, depth: int) -> None:
        for name, found, allowed in (
            ("selections", measure.selections, self._limits.selections),
            ("aliases", measure.aliases, self._limits.aliases),
            ("directives", measure.directives, self._limits.directives),
            ("levels", measure.depth, depth),
        ):
            if found > allowed:
                refuse(f"has {_formatted(found)} {name} where {allowed} are allowed")
        if measure.cost > self._limits.cost:
            refuse(
                f"costs {_formatted(measure.cost)} points where {self._limits.cost} are allowed: ask for shorter pages"
            )

    def _selections(
        self, node: SelectionSetNode | None, parent: GraphQLNamedType | None, nesting: int
    ) -> SelectionSize:
        if node is None:
            return SelectionSize()
        if nesting > self._limits.depth * NESTINGS_PER_LEVEL:
            refuse(f"is nested deeper than {self._limits.depth} levels")
        total = SelectionSize()
        alternatives: dict[str, tuple[int, int]] = {}
        for child in node.selections:
            measure, narrowed = self._selection(child, parent, nesting + 1)
            directives = len(child.directives or ())
            self._most_in_one_place = max(self._most_in_one_place, directives)
            total = add_sizes(total, measure, directives)
            if narrowed is not parent and is_object_type(narrowed):
                cost, work = alternatives.get(narrowed.name, (0, 0))
                alternatives[narrowed.name] = cost + measure.cost, work + measure.work
        if not alternatives:
            return total
        # An object has one type, so only the fragments on that type apply: count the most expensive type.
        cost, work = (sum(of_types) - max(of_types) for of_types in zip(*alternatives.values(), strict=True))
        return structs.replace(total, cost=total.cost - cost, work=total.work - work)

    def _selection(
        self, node: SelectionNode, parent: GraphQLNamedType | None, nesting: int
    ) -> tuple[SelectionSize, GraphQLNamedType | None]:
        """The measure, and the type to which the selection narrows its parent."""
        if isinstance(node, FieldNode):
            return self._field(node, parent, nesting), parent
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            narrowed = self._schema.get_type(condition.name.value) if condition else parent
            return add_sizes(
                self._selections(node.selection_set, narrowed, nesting), SelectionSize(selections=1)
            ), narrowed
        name = cast(FragmentSpreadNode, node).name.value
        self._spread_fragments.add(name)
        fragment = self.fragments.get(name)
        if fragment is None:  # validation reports it
            return SelectionSize(selections=1), parent
        measure = add_sizes(self._fragment(name, nesting), SelectionSize(selections=1))
        return measure, self._schema.get_type(fragment.type_condition.name.value)

    def _fragment(self, name: str, nesting: int) -> SelectionSize:
        if name in self._open_fragments:
            raise CodedError(ErrorCode.GRAPHQL_VALIDATION_FAILED, f"Cannot spread fragment '{name}' within itself.")
        if name not in self._measured:
            self._open_fragments.add(name)
            fragment = self.fragments[name]
            parent = self._schema.get_type(fragment.type_condition.name.value)
            self._measured[name] = self._selections(fragment.selection_set, parent, nesting)
            self._open_fragments.remove(name)
        return self._measured[name]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, nesting: int) -> SelectionSize:
        definition = field_of(parent, node.name.value)
        below = self._selections(node.selection_set, result_type(definition), nesting)
        times = self._multipliers.times(node, definition)
        work = below.work * times + self._work_of(node, parent, definition, times)
        depth, cost = below.depth, 0
        if node.selection_set is not None:
            cost = (below.cost + 1) * times
        if node.name.value in ("__schema", "__type"):
            if depth > INTROSPECTION_DEPTH:
                refuse(f"introspects deeper than {INTROSPECTION_DEPTH} levels")
            depth, cost = 0, INTROSPECTION_COST
        aliases = below.aliases + (node.alias is not None)
        return SelectionSize(below.selections + 1, aliases, below.directives, depth + 1, cost, work)

    def _work_of(
        self, node: FieldNode, parent: GraphQLNamedType | None, definition: GraphQLField | None, times: int
    ) -> int:
        if parent is None or definition is None:
            return 0
        known = self._work.fields.get(f"{parent.name}.{node.name.value}")
        if known is None:
            return self._usual_work(parent, definition)
        values = {argument.name.value: argument.value for argument in node.arguments or ()}
        dear = (more for (name, value), more in known.more.items() if self._multipliers.word(values.get(name)) == value)
        return known.points + known.each * times + sum(dear)

    def _usual_work(self, parent: GraphQLNamedType, definition: GraphQLField) -> int:
        if parent is self._schema.mutation_type:
            return self._work.mutation
        return self._work.page if any(name in definition.args for name in PAGE_ARGUMENTS) else 0


def _directives_of(
    operations: Iterable[OperationDefinitionNode], fragments: Iterable[FragmentDefinitionNode]
) -> list[int]:
    """Numbers of directives on each definition and each variable."""
    definitions: list[OperationDefinitionNode | FragmentDefinitionNode] = [*operations, *fragments]
    variables = [variable for node in definitions for variable in node.variable_definitions or ()]
    return [len(node.directives or ()) for node in (*definitions, *variables)]


def _formatted(number: int) -> str:
    return f"{number:,}" if number < 10**9 else "over a billion"
