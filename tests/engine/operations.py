"""Random valid operations over any schema: aliases, fragments, directives, variables, literals.

A response key is made of its field, type and arguments, so that fields that meet can always be merged.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationType,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
)
from graphql.pyutils import Undefined


@dataclass
class Operation:
    text: str
    variables: dict[str, Any]


@dataclass
class OperationMaker:
    """Maker of one operation."""

    schema: GraphQLSchema
    dice: random.Random
    most_fields: int = 30
    avoided: frozenset[str] = frozenset()
    ids: Sequence[str] = ("id",)
    texts: Sequence[str] = ("text",)
    declared: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    fields: int = 0

    def make(self, kind: OperationType = OperationType.QUERY) -> Operation:
        root = self.schema.get_root_type(kind)
        assert root is not None
        body = self.selection(root, depth=0)
        declared = ", ".join(f"${name}: {declaration}" for name, declaration in self.declared.items())
        head = f"{kind.value} Random{f'({declared})' if declared else ''}"
        return Operation("\n".join([f"{head} {body}", *self.fragments]), self.given)

    def selection(self, kind: Any, depth: int) -> str:
        parts = [self.part(kind, depth) for _ in range(self.dice.randint(1, 5 if depth < 3 else 2))]
        return "{ " + " ".join(parts) + " }"

    def part(self, kind: Any, depth: int) -> str:
        chance = self.dice.random()
        if chance < 0.08 or (isinstance(kind, GraphQLUnionType) and chance < 0.2):
            return f"__typename{self.switch()}"
        if chance < 0.25 or isinstance(kind, GraphQLUnionType):
            return self.inline(kind, depth)
        if chance < 0.33 and depth < 4:
            return self.spread(kind, depth)
        return self.a_field(kind, depth)

    def inline(self, kind: Any, depth: int) -> str:
        if depth >= 6:
            return "__typename"
        if not isinstance(kind, GraphQLUnionType) and self.dice.random() < 0.3:
            return f"...{self.switch()} {self.selection(kind, depth + 1)}"
        other = self.narrowed(kind)
        return f"... on {other.name}{self.switch()} {self.selection(other, depth + 1)}"

    def spread(self, kind: Any, depth: int) -> str:
        name = f"F{len(self.fragments)}"
        self.fragments.append("")
        other = self.narrowed(kind)
        place = len(self.fragments) - 1
        self.fragments[place] = f"fragment {name} on {other.name} {self.selection(other, depth + 1)}"
        again = f" ...{name}" if self.dice.random() < 0.2 else ""
        return f"...{name}{self.switch()}{again}"

    def narrowed(self, kind: Any) -> Any:
        """A possible type of `kind`."""
        if is_abstract_type(kind):
            return self.dice.choice(sorted([*self.schema.get_possible_types(kind), kind], key=lambda one: one.name))
        interfaces = kind.interfaces if isinstance(kind, GraphQLObjectType) else ()
        return self.dice.choice([kind, kind, *interfaces])

    def a_field(self, kind: Any, depth: int) -> str:
        names = [name for name in kind.fields if f"{kind.name}.{name}" not in self.avoided]
        leaves = [name for name in names if is_leaf_type(get_named_type(kind.fields[name].type))]
        self.fields += 1
        if depth >= 5 or self.fields > self.most_fields:
            names = leaves
        if not names:
            return "__typename"
        name = self.dice.choice(names)
        declared = kind.fields[name]
        arguments = self.arguments(declared.args)
        shape = str(declared.type).replace("[", "L").replace("]", "_").replace("!", "N")
        digest = f"{random.Random(arguments).randrange(10**6)}" if arguments else ""
        is_plain = not arguments and self.is_alone(kind) and self.dice.random() < 0.3
        alias = "" if is_plain else f"{name}{shape}{digest}: "
        composite = get_named_type(declared.type)
        below = self.selection(composite, depth + 1) if is_composite_type(composite) else ""
        return f"{alias}{name}{arguments}{self.switch()} {below}"

    def is_alone(self, kind: Any) -> bool:
        """Whether no other possible type has a field of this name with another type."""
        unions = [one for one in self.schema.type_map.values() if isinstance(one, GraphQLUnionType)]
        return (
            isinstance(kind, GraphQLObjectType) and not kind.interfaces and all(kind not in one.types for one in unions)
        )

    def switch(self) -> str:
        if self.dice.random() > 0.12:
            return ""
        name = self.dice.choice(["skip", "include"])
        if self.dice.random() < 0.5:
            return f" @{name}(if: {self.dice.choice(['true', 'false'])})"
        variable = f"b{self.dice.randrange(2)}"
        self.declared[variable] = "Boolean!"
        self.given.setdefault(variable, self.dice.random() < 0.5)
        return f" @{name}(if: ${variable})"

    def arguments(self, declared: dict[str, GraphQLArgument]) -> str:
        given = []
        for name, argument in declared.items():
            is_required = isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined
            if not is_required and self.dice.random() < 0.4:
                continue
            given.append(f"{name}: {self.value(argument.type)}")
        return f"({', '.join(given)})" if given else ""

    def value(self, kind: GraphQLInputType) -> str:
        if self.dice.random() < 0.35:
            return self.variable(kind)
        return self.literal(kind)

    def variable(self, kind: GraphQLInputType) -> str:
        name = f"v{len(self.declared)}"
        if self.dice.random() < 0.2:
            self.declared[name] = f"{kind} = {self.literal(kind)}"
        else:
            self.declared[name] = str(kind)
            if not isinstance(kind, GraphQLNonNull) and self.dice.random() < 0.3:
                return f"${name}"
        if self.declared[name] == str(kind) or self.dice.random() < 0.5:
            self.given[name] = self.json_value(kind)
        return f"${name}"

    def literal(self, kind: GraphQLInputType) -> str:
        return _written(self.json_value(kind), kind)

    def json_value(self, kind: Any) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self.some_value(kind.of_type)
        return None if self.dice.random() < 0.15 else self.some_value(kind)

    def some_value(self, kind: Any) -> Any:
        if isinstance(kind, GraphQLList):
            return [self.json_value(kind.of_type) for _ in range(self.dice.randrange(3))]
        if isinstance(kind, GraphQLEnumType):
            return self.dice.choice(list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            return {
                name: self.json_value(one.type)
                for name, one in kind.fields.items()
                if isinstance(one.type, GraphQLNonNull) or self.dice.random() < 0.6
            }
        text = self.dice.choice(self.texts)
        simple = {"Int": 3, "Float": 2.5, "Boolean": True, "String": text, "ID": self.dice.choice(self.ids)}
        return simple.get(kind.name, "2026-01-31T12:00:00Z")


def _written(value: Any, kind: Any) -> str:
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if value is None:
        return "null"
    if isinstance(kind, GraphQLList):
        return f"[{', '.join(_written(item, kind.of_type) for item in value)}]"
    if isinstance(kind, GraphQLInputObjectType):
        return "{" + ", ".join(f"{name}: {_written(one, kind.fields[name].type)}" for name, one in value.items()) + "}"
    if isinstance(kind, GraphQLEnumType):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)
