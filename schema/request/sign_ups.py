"""A document signs up one person: further ones would pass the limit of sign-ups in one request."""

from collections.abc import Iterable, Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
)

from core.errors import RateLimitedError
from core.limits import LimitedAct
from transport.execution.operations import Operation

_FIELD = "register"
_RETRY_SECONDS = 1


def check_sign_ups(operation: Operation) -> None:
    """Raises RateLimitedError for a mutation that selects `register` twice, by whatever aliases and fragments."""
    names = _field_names(operation.document, operation.definition.selection_set.selections)
    if sum(name == _FIELD for name in names) > 1:
        raise RateLimitedError("A document signs up one person.", _RETRY_SECONDS, LimitedAct.SIGN_UP)


def _field_names(document: DocumentNode, selections: Iterable[SelectionNode]) -> Iterator[str]:
    """Names of the root fields. The document is valid, so that no fragment contains itself."""
    for selection in selections:
        if isinstance(selection, FieldNode):
            yield selection.name.value
        elif isinstance(selection, FragmentSpreadNode):
            yield from _field_names(document, _fragment(document, selection.name.value).selection_set.selections)
        elif isinstance(selection, InlineFragmentNode):
            yield from _field_names(document, selection.selection_set.selections)


def _fragment(document: DocumentNode, name: str) -> FragmentDefinitionNode:
    return next(
        found
        for found in document.definitions
        if isinstance(found, FragmentDefinitionNode) and found.name.value == name
    )
