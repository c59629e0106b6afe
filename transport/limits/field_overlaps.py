"""Counts the field pairs that validation would compare for conflicts: fields with one response name at one path.

The rule OverlappingFieldsCanBeMerged is quadratic in them, so a small document of equal fields takes seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

MOST_PAIRS = 3_000
"""About 25 ms of comparing; thirty fields selected fourteen times each make about as many pairs."""


def pairs_to_compare(roots: Iterable[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]) -> int:
    """Sum over the roots, fragments expanded. Fragments must not contain themselves."""
    return sum(_pairs([root], fragments) for root in roots)


def _pairs(merged: Sequence[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]) -> int:
    fields: defaultdict[str, list[FieldNode]] = defaultdict(list)
    for selection_set in merged:
        for field in _fields(selection_set, fragments):
            fields[(field.alias or field.name).value].append(field)
    found = 0
    for equal in fields.values():
        found += len(equal) * (len(equal) - 1) // 2
        below = [field.selection_set for field in equal if field.selection_set is not None]
        if below:
            found += _pairs(below, fragments)
    return found


def _fields(selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    waiting = [selection_set]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in fragments:
                waiting.append(fragments[node.name.value].selection_set)
