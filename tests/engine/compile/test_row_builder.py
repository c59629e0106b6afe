"""Generated source contains nothing of a query but names, even for hand-made documents."""

import ast

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLString,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_operation_ast,
    parse,
)
from graphql.execution.values import VariableValues
from hypothesis import given
from hypothesis import strategies as st

from engine import Engine
from engine.compile.row_builder import Attribute, RowBuilder
from engine.runtime.field_readers import UnsafeNameError
from tests.engine.comparing import run
from tests.engine.worlds import sync_world

HOSTILE = [
    "a': __import__('os').system('true'), 'b",
    'a"b',
    "a\\",
    "a\nb",
    "a}",
    "{o}",
    "",
    "é",
    "a b",
    "1a",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_alias_made_by_hand_is_not_compiled(name: str) -> None:
    field = FieldNode(
        name=NameNode(value="__typename"), alias=NameNode(value=name), arguments=(), directives=(), selection_set=None
    )
    operation = OperationDefinitionNode(
        operation=OperationType.QUERY,
        name=None,
        variable_definitions=(),
        directives=(),
        selection_set=SelectionSetNode(selections=(field,)),
    )
    engine = Engine(sync_world())
    assert engine.plan(DocumentNode(definitions=(operation,)), operation, VariableValues({}, {})) is None
    assert engine.counts["field"] == 1


@given(st.text())
def test_any_text_as_a_key_is_a_plain_text_in_the_source_or_refused(key: str) -> None:
    try:
        source = RowBuilder({key: None}).source
    except UnsafeNameError:
        return
    (shown,) = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Dict)]
    assert [ast.literal_eval(one) for one in shown.keys if one is not None] == [key]


@given(st.text())
def test_any_text_as_an_attribute_is_a_path_in_the_source_or_refused(name: str) -> None:
    try:
        source = RowBuilder({"a": Attribute(name, GraphQLString, non_null=True)}).source
    except UnsafeNameError:
        return
    read = [node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    assert sorted(read) == sorted([*name.split("."), "__class__"])


async def test_values_stay_values() -> None:
    hostile = "'); __import__('os').abort() #"
    wishes = f'wished(wish: {{words: $a}}) other: wished(wish: {{words: ["{hostile}"]}})'
    text = f"query Q($a: [String!]!) {{ strict(seed: 9) {{ {wishes} }} }}"
    answer = await run(sync_world(), text, {"a": [hostile]})
    assert answer["errors"] == []
    assert all(f'words=["{hostile}"]' in value for _, value in answer["data"][0][1])


def test_names_of_python_are_names_like_others() -> None:
    text = "{ strict { class: text def: text __class__: text None: text lambda: number } }"
    document = parse(text)
    operation = get_operation_ast(document, None)
    assert operation is not None
    assert Engine(sync_world()).plan(document, operation, VariableValues({}, {})) is not None
