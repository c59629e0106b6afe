"""Compatibility check of the SDL: it breaks neither the committed snapshot nor the contract.

`python -m schema.compatibility` prints a line for each break and ends with 1 where there is one; with `--write` it
writes the snapshot, unless there is one.
"""

import argparse
import difflib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InputValueDefinitionNode,
    NullValueNode,
    OperationType,
    Visitor,
    build_ast_schema,
    build_schema,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
    parse,
    visit,
)
from graphql.utilities import (
    BreakingChangeType,
    DangerousChangeType,
    SafeChangeType,
    find_breaking_changes,
    find_schema_changes,
)

SNAPSHOT = Path(__file__).with_name("schema.graphql")
CONTRACT = Path(__file__).with_name("contract.graphql")

# Compared by `_wrong_types`: graphql-core misses some type changes beside a default.
COMPARED = {
    BreakingChangeType.FIELD_CHANGED_KIND,
    SafeChangeType.FIELD_CHANGED_KIND_SAFE,
    BreakingChangeType.ARG_CHANGED_KIND,
    SafeChangeType.ARG_CHANGED_KIND_SAFE,
}
# Additions that the contract allows: fields, types, and arguments that may be left out.
FREE = {
    SafeChangeType.TYPE_ADDED,
    SafeChangeType.FIELD_ADDED,
    SafeChangeType.OPTIONAL_ARG_ADDED,
    DangerousChangeType.OPTIONAL_ARG_ADDED,
    SafeChangeType.OPTIONAL_INPUT_FIELD_ADDED,
    DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED,
    DangerousChangeType.IMPLEMENTED_INTERFACE_ADDED,
    SafeChangeType.DIRECTIVE_ADDED,
    SafeChangeType.DESCRIPTION_CHANGED,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    # Imported here, so that the checks below work without the rooms below the schema.
    from schema.roots import build_schema as build_served  # noqa: PLC0415
    from schema.sdl import print_sdl  # noqa: PLC0415
    from schema.values.declared_scopes import undeclared_fields  # noqa: PLC0415
    from transport.execution.compilation import graphql_schema  # noqa: PLC0415

    parser = argparse.ArgumentParser(description="Compares the SDL of the code with its snapshot and the contract.")
    parser.add_argument("--write", action="store_true", help="write the snapshot unless that breaks clients")
    sdl, options = print_sdl(), parser.parse_args(arguments)
    snapshot = SNAPSHOT.read_text() if SNAPSHOT.exists() else None
    breaks = [*breaks_of_snapshot(sdl, snapshot or sdl), *breaks_of_contract(sdl, CONTRACT.read_text())]
    breaks += [
        f"says not which scopes cover it: {field}" for field in undeclared_fields(graphql_schema(build_served()))
    ]
    if options.write and not breaks:
        SNAPSHOT.write_text(sdl)
    elif sdl != snapshot:
        breaks += ["schema/schema.graphql is not what the code says; `make sdl` writes it:"]
        breaks += difflib.unified_diff((snapshot or "").splitlines(), sdl.splitlines(), "snapshot", "code", lineterm="")
    print("\n".join(breaks), end="\n" if breaks else "", file=sys.stderr)
    return 1 if breaks else 0


def breaks_of_snapshot(sdl: str, snapshot: str) -> list[str]:
    """Breaking changes against the snapshot, one line each."""
    built, earlier = build_schema(sdl), build_schema(snapshot)
    changes = [change.description for change in find_breaking_changes(earlier, built)]
    # graphql-core is silent on these (findings/graphql-core-silent-breaking-changes.sh).
    silent = [*_lost_roots(built, earlier), *_newly_required(built, earlier), *_newly_one_of(built, earlier)]
    return [f"breaks schema/schema.graphql: {reason}" for reason in [*changes, *silent]]


def breaks_of_contract(sdl: str, contract: str) -> list[str]:
    """Deviations from the contract, one line each."""
    built, agreed = _without_null_defaults(sdl), _without_null_defaults(contract)
    passed = COMPARED | FREE
    changes = [change for change in find_schema_changes(agreed, built) if change.type not in passed]
    breaks = [*(change.description for change in changes), *_wrong_roots(built, agreed), *_wrong_types(built, agreed)]
    return [f"breaks schema/contract.graphql: {reason}" for reason in breaks]


def _without_null_defaults(sdl: str) -> GraphQLSchema:
    """Removes defaults of null: to a client, a nullable value with that default equals one without a default."""
    return build_ast_schema(visit(parse(sdl), NullDefaultRemover()))


class NullDefaultRemover(Visitor):
    def enter_input_value_definition(
        self, node: InputValueDefinitionNode, *_: object
    ) -> InputValueDefinitionNode | None:
        return replace(node, default_value=None) if isinstance(node.default_value, NullValueNode) else None


def _wrong_roots(built: GraphQLSchema, agreed: GraphQLSchema) -> Iterator[str]:
    for root, expected in (
        (built.query_type, agreed.query_type),
        (built.mutation_type, agreed.mutation_type),
        (built.subscription_type, agreed.subscription_type),
    ):
        if root and expected and root.name != expected.name:
            yield f"{root.name} stands in place of {expected.name}."


def _lost_roots(built: GraphQLSchema, earlier: GraphQLSchema) -> Iterator[str]:
    for operation in OperationType:
        if earlier.get_root_type(operation) and not built.get_root_type(operation):
            yield f"The root of {operation.value} was removed."


def _newly_required(built: GraphQLSchema, earlier: GraphQLSchema) -> Iterator[str]:
    """Arguments and input fields that could be left out because of their default."""
    required = _required(earlier)
    for coordinate, is_required in _required(built).items():
        if is_required and required.get(coordinate) is False:
            yield f"{coordinate} must be given, since its default was removed."


def _newly_one_of(built: GraphQLSchema, earlier: GraphQLSchema) -> Iterator[str]:
    for name in sorted(_one_of(built) - _one_of(earlier)):
        if name in earlier.type_map:
            yield f"{name} takes one of its fields only."


def _one_of(schema: GraphQLSchema) -> set[str]:
    """Names of the inputs that are @oneOf."""
    types = schema.type_map.values()
    return {one.name for one in types if isinstance(one, GraphQLInputObjectType) and one.is_one_of}


def _required(schema: GraphQLSchema) -> dict[str, bool]:
    """Whether each non-null argument and input field must be given; named like the elements of `_elements`."""
    required: dict[str, bool] = {}
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            fields = type_.fields.items()
            required |= {f"{type_.name}.{name}": is_required_input_field(one) for name, one in fields if _non_null(one)}
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                arguments = [(key, one) for key, one in field.args.items() if _non_null(one)]
                required |= {f"{type_.name}.{name}({key}:)": is_required_argument(one) for key, one in arguments}
    return required


def _non_null(value: GraphQLArgument | GraphQLInputField) -> bool:
    return is_non_null_type(value.type)


def _wrong_types(built: GraphQLSchema, agreed: GraphQLSchema) -> Iterator[str]:
    found = _elements(built)
    for coordinate, expected in _elements(agreed).items():
        if coordinate in found and found[coordinate] != expected:
            yield f"{coordinate} is {found[coordinate]}, not {expected}."


def _elements(schema: GraphQLSchema) -> dict[str, str]:
    """Types of fields, arguments and input fields: of `User.tweets`, `User.tweets(first:)`, `PostTweetInput.text`."""
    elements: dict[str, str] = {}
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            for name, item in type_.fields.items():
                elements[f"{type_.name}.{name}"] = str(item.type)
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                coordinate = f"{type_.name}.{name}"
                elements[coordinate] = str(field.type)
                elements |= {f"{coordinate}({key}:)": str(argument.type) for key, argument in field.args.items()}
    return elements


if __name__ == "__main__":
    sys.exit(main())
