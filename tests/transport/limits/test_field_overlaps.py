"""Counting of field pairs that validation would compare for conflicts."""

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse

from transport.limits.field_overlaps import pairs_to_compare


def pairs_in(text: str) -> int:
    document = parse(text)
    roots = [node.selection_set for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    return pairs_to_compare(roots, fragments)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("{ a b c }", 0),
        ("{ a a }", 1),
        ("{ a a a a }", 6),
        ("{ a b: a c: a }", 0),
        ("{ a: b a: c }", 1),
        ("{ a { b } c { b } }", 0),
        ("{ a { b } a { b } }", 1 + 1),
        ("{ a { b b } a { b } }", 1 + 3),
        ("{ a ... { a } ... on Query { a } }", 3),
        ("{ a ...F ...F } fragment F on Query { a }", 3),
        ("{ a ...F } fragment F on Query { ...G } fragment G on Query { a }", 1),
        ("{ a ...Missing }", 0),
        ("query A { a a } query B { a a a }", 1 + 3),
    ],
)
def test_counts_the_pairs_with_one_response_name_at_one_path(text: str, pairs: int) -> None:
    assert pairs_in(text) == pairs
