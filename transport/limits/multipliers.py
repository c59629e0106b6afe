"""Cost multipliers: how many objects a field may return, read from its arguments, literal or by variable."""

from collections.abc import Mapping

from graphql import (
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLField,
    GraphQLNamedType,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_interface_type,
    is_list_type,
    is_object_type,
)

from core.errors import CodedError, ErrorCode
from transport.limits.limits import Limits

PAGE_ARGUMENTS = ("first", "last", "limit")
LONGEST_NUMBER = 9


def field_of(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    """None for an unknown field, which validation refuses."""
    if is_object_type(parent) or is_interface_type(parent):
        fields: dict[str, GraphQLField] = parent.fields
        return fields.get(name)
    return None


def result_type(field: GraphQLField | None) -> GraphQLNamedType | None:
    return get_named_type(field.type) if field else None


def check_variables(variables: Mapping[str, object], limits: Limits) -> None:
    """Raises CodedError QUERY_TOO_COMPLEX for a list that is too long or values nested deeper than documents may be."""
    waiting: list[tuple[object, int]] = [(value, 1) for value in variables.values()]
    while waiting:
        value, depth = waiting.pop()
        if depth > limits.depth:
            raise CodedError(ErrorCode.QUERY_TOO_COMPLEX, f"The variables have more than {limits.depth} levels.")
        if isinstance(value, dict):
            waiting.extend((item, depth + 1) for item in value.values())
        elif isinstance(value, list):
            _check_length(len(value), limits)
            waiting.extend((item, depth + 1) for item in value)


class Multipliers:
    """Multipliers of the fields of one document. Defaults of its operations replace missing variables."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, object], limits: Limits) -> None:
        self.size_variables: set[str] = set()
        """Variables whose sizes or words determine the cost; which ones does not depend on their values."""
        self._limits = limits
        self._variables = variables
        self._defaults: dict[str, ValueNode] = {}
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                for definition in node.variable_definitions or ():
                    if definition.default_value is not None:
                        self._check_literal(definition.default_value)
                        self._defaults[definition.variable.name.value] = definition.default_value

    def times(self, node: FieldNode, field: GraphQLField | None) -> int:
        """At least 1; a page counts at most `page_items`.

        Raises CodedError QUERY_TOO_COMPLEX for a literal list that is too long.
        """
        arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
        for value in arguments.values():
            self._check_literal(value)
        for name in PAGE_ARGUMENTS:
            if field is not None and name in field.args:
                number = self._number(arguments.get(name), field.args[name].default_value)
                return max(1, min(number, self._limits.page_items))
        if field is not None and is_list_type(get_nullable_type(field.type)):
            return max([1, *(self._length(value) for value in arguments.values())])
        return 1

    def word(self, node: ValueNode | None) -> str | None:
        """The name of an enum value, literal or by variable; None if it is none, or absent."""
        self._note_variable(node)
        if isinstance(node, VariableNode) and node.name.value in self._variables:
            value = self._variables[node.name.value]
            return value if isinstance(value, str) else None
        if isinstance(node, VariableNode):
            node = self._defaults.get(node.name.value)
        return node.value if isinstance(node, EnumValueNode) else None

    def _number(self, node: ValueNode | None, default: object) -> int:
        value: object = None
        self._note_variable(node)
        if isinstance(node, VariableNode) and node.name.value in self._variables:
            value = self._variables[node.name.value]
        elif isinstance(node, VariableNode):
            node = self._defaults.get(node.name.value)
        if isinstance(node, IntValueNode):
            value = int(node.value) if len(node.value) <= LONGEST_NUMBER else self._limits.page_items
        if value is None:
            value = default
        return value if isinstance(value, int) else self._limits.page_items

    def _note_variable(self, node: ValueNode | None) -> None:
        if isinstance(node, VariableNode):
            self.size_variables.add(node.name.value)

    def _length(self, node: ValueNode) -> int:
        self._note_variable(node)
        if isinstance(node, VariableNode) and node.name.value in self._variables:
            value = self._variables[node.name.value]
            return len(value) if isinstance(value, list) else 1
        if isinstance(node, VariableNode):
            default = self._defaults.get(node.name.value)
            return len(default.values) if isinstance(default, ListValueNode) else 1
        return len(node.values) if isinstance(node, ListValueNode) else 1

    def _check_literal(self, value: ValueNode) -> None:
        waiting = [value]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ListValueNode):
                _check_length(len(node.values), self._limits)
                waiting.extend(node.values)
            elif isinstance(node, ObjectValueNode):
                waiting.extend(field.value for field in node.fields)


def _check_length(length: int, limits: Limits) -> None:
    if length > limits.list_items:
        raise CodedError(
            ErrorCode.QUERY_TOO_COMPLEX, f"A list has {length:,} values where {limits.list_items} are allowed."
        )
