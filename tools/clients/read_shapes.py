"""Reads the shapes of the answers to `clients/operations/` from the SDL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    assert_composite_type,
    build_schema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    is_union_type,
    parse,
    print_ast,
    strip_ignored_characters,
    type_from_ast,
    validate,
)

from tools.clients.shapes import Member, Operation, Shape, Shapes, TypeRef

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = ROOT / "clients" / "operations"
SDL = ROOT / "schema" / "schema.graphql"
_SCALARS = {
    "ID": "string",
    "String": "string",
    "DateTime": "instant",
    "Date": "day",
    "Int": "integer",
    "Float": "number",
    "Boolean": "boolean",
}


def read_shapes(sdl: Path = SDL, operations: Path = OPERATIONS) -> Shapes:
    """Raises ValueError with the first error where a document does not fit the schema."""
    schema = build_schema(sdl.read_text())
    document = parse("\n".join(path.read_text() for path in sorted(operations.glob("*.graphql"))))
    if errors := validate(schema, document):
        raise ValueError(str(errors[0]))
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    reader = _Reader(schema, fragments, Shapes())
    for fragment in fragments.values():
        reader.fragment(fragment)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            reader.operation(definition)
    return reader.found


@dataclass(slots=True)
class _Reader:
    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    found: Shapes
    known: dict[tuple[str, tuple[Member, ...]], Shape] = field(default_factory=dict)

    def fragment(self, node: FragmentDefinitionNode) -> None:
        name = node.name.value
        if name in self.found.fragments:
            return
        for other in _spread_by(node.selection_set):
            self.fragment(self.fragments[other])
        self.found.fragments[name] = strip_ignored_characters(print_ast(node))
        self._shape(name, self.schema.type_map[node.type_condition.name.value], [node.selection_set])

    def operation(self, node: OperationDefinitionNode) -> None:
        assert node.name is not None
        name = node.name.value
        root = self.schema.get_root_type(node.operation)
        assert root is not None
        variables = self._variables(f"{name}Variables", node)
        data = self._keep(Shape(f"{name}Data", tuple(self._members(f"{name}Data", root, [node.selection_set]))))
        closure = self._closure(node.selection_set)
        fragments = tuple(one for one in self.found.fragments if one in closure)
        text = strip_ignored_characters(print_ast(node))
        self.found.operations.append(Operation(name, text, fragments, node.operation.value, variables, data))

    def _closure(self, selections: SelectionSetNode) -> set[str]:
        direct = set(_spread_by(selections))
        return direct.union(*(self._closure(self.fragments[one].selection_set) for one in direct))

    def _variables(self, name: str, node: OperationDefinitionNode) -> Shape:
        members = []
        for variable in node.variable_definitions or ():
            of = type_from_ast(self.schema, variable.type)
            assert of is not None
            is_required = is_non_null_type(of) and variable.default_value is None
            members.append(Member(variable.variable.name.value, self._input_ref(of), is_required))
        return self._keep(Shape(name, tuple(members)))

    def _shape(self, name: str, of: GraphQLNamedType, selections: Sequence[SelectionSetNode]) -> Shape:
        """Equal selections of one type are one shape, by the name that came first."""
        if not is_abstract_type(of):
            members = tuple(self._members(name, of, selections))
            known = self.known.get((of.name, members))
            return known or self.known.setdefault((of.name, members), self._keep(Shape(name, members, of=of.name)))
        possible = self.schema.get_possible_types(of)
        named = {node.type_condition.name.value for node in _inline(selections, self.fragments) if node.type_condition}
        chosen = [one for one in possible if is_union_type(of) or one.name in named]
        union = tuple(self._shape(self._name_in(name, one), one, selections).name for one in chosen)
        return self._keep(Shape(name, union=union))

    def _name_in(self, union: str, of: GraphQLNamedType) -> str:
        is_taken = of.name in self.fragments or of.name in self.found.shapes
        return f"{union}{of.name}" if is_taken else of.name

    def _members(self, name: str, of: GraphQLNamedType, selections: Sequence[SelectionSetNode]) -> Iterator[Member]:
        assert isinstance(of, GraphQLObjectType)
        for key, nodes in self._collected(of, selections).items():
            if nodes[0].name.value == "__typename":
                yield Member(key, TypeRef(f"={of.name}"))
                continue
            answer = of.fields[nodes[0].name.value].type
            named = get_named_type(answer)
            if is_composite_type(named):
                inner = [node.selection_set for node in nodes if node.selection_set is not None]
                shape = _only_spread(inner) or self._shape(f"{name}{key[0].upper()}{key[1:]}", named, inner).name
            else:
                shape = self._leaf(named)
            yield Member(key, _wrapped(answer, shape))

    def _collected(self, of: GraphQLObjectType, selections: Sequence[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """Fields by the key of the answer, as an object of this type answers them."""
        fields: dict[str, list[FieldNode]] = {}
        for selection in (one for each in selections for one in each.selections):
            if isinstance(selection, FieldNode):
                fields.setdefault((selection.alias or selection.name).value, []).append(selection)
                continue
            inner = self._applied(of, selection)
            for key, nodes in (self._collected(of, [inner]) if inner else {}).items():
                fields.setdefault(key, []).extend(nodes)
        return fields

    def _applied(self, of: GraphQLObjectType, selection: object) -> SelectionSetNode | None:
        if isinstance(selection, FragmentSpreadNode):
            fragment = self.fragments[selection.name.value]
            condition, inner = fragment.type_condition.name.value, fragment.selection_set
        else:
            assert isinstance(selection, InlineFragmentNode)
            inner = selection.selection_set
            condition = selection.type_condition.name.value if selection.type_condition else of.name
        wanted = assert_composite_type(self.schema.type_map[condition])
        applies = wanted == of or (is_abstract_type(wanted) and self.schema.is_sub_type(wanted, of))
        return inner if applies else None

    def _input_ref(self, of: GraphQLType) -> TypeRef:
        named = get_named_type(of)
        if isinstance(named, GraphQLInputObjectType) and named.name not in self.found.shapes:
            members = [
                Member(name, self._input_ref(one.type), is_required_input_field(one))
                for name, one in named.fields.items()
            ]
            self._keep(Shape(named.name, tuple(members)))
        leaf = named.name if isinstance(named, GraphQLInputObjectType) else self._leaf(named)
        return _wrapped(of, leaf)

    def _leaf(self, of: GraphQLNamedType) -> str:
        if isinstance(of, GraphQLEnumType):
            self.found.enums[of.name] = tuple(of.values)
            return of.name
        assert isinstance(of, GraphQLScalarType)
        return _SCALARS[of.name]

    def _keep(self, shape: Shape) -> Shape:
        known = self.found.shapes.setdefault(shape.name, shape)
        if known != shape:
            raise ValueError(f"two shapes are called {shape.name}")
        return shape


def _wrapped(of: GraphQLType, leaf: str, *, is_nullable: bool = True) -> TypeRef:
    if isinstance(of, GraphQLNonNull):
        return _wrapped(of.of_type, leaf, is_nullable=False)
    if is_list_type(of):
        assert isinstance(of, GraphQLList)
        return TypeRef("list", is_nullable, _wrapped(of.of_type, leaf))
    return TypeRef(leaf, is_nullable)


def _only_spread(selections: Sequence[SelectionSetNode]) -> str | None:
    """The fragment's name, where nothing but this one is selected."""
    names = {
        one.name.value if isinstance(one, FragmentSpreadNode) else None
        for each in selections
        for one in each.selections
    }
    return names.pop() if len(names) == 1 else None


def _spread_by(selections: SelectionSetNode) -> Iterator[str]:
    for one in selections.selections:
        if isinstance(one, FragmentSpreadNode):
            yield one.name.value
        elif isinstance(one, FieldNode | InlineFragmentNode) and one.selection_set:
            yield from _spread_by(one.selection_set)


def _inline(
    selections: Sequence[SelectionSetNode], fragments: dict[str, FragmentDefinitionNode]
) -> Iterator[InlineFragmentNode]:
    for one in (one for each in selections for one in each.selections):
        if isinstance(one, InlineFragmentNode):
            yield one
        elif isinstance(one, FragmentSpreadNode):
            yield from _inline([fragments[one.name.value].selection_set], fragments)
