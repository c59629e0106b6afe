"""Definitions of a document: refuses what would escape the measures, before anything is measured or validated.

Validation visits every definition, and an operation's rules visit each fragment that it reaches. Of two fragments of
one name a spread means one, yet validation visits both.
"""

from collections import Counter
from itertools import chain

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode

from core.errors import CodedError, ErrorCode
from transport.limits.limits import Limits


def check_definitions(document: DocumentNode, limits: Limits) -> None:
    """Raises CodedError: QUERY_TOO_COMPLEX for too many, GRAPHQL_VALIDATION_FAILED for other kinds and equal names."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
    if len(operations) + len(fragments) < len(document.definitions):
        raise _invalid("A document holds operations and fragments alone.")
    variables = sum(len(node.variable_definitions or ()) for node in chain(operations, fragments))
    for name, found, allowed in (
        ("operations", len(operations), limits.operations),
        ("fragments", len(fragments), limits.fragments),
        ("variables", variables, limits.variables),
    ):
        if found > allowed:
            message = f"The document has {found:,} {name} where {allowed} are allowed."
            raise CodedError(ErrorCode.QUERY_TOO_COMPLEX, message)
    _check_names("operation", [node.name.value if node.name else "" for node in operations])
    _check_names("fragment", [node.name.value for node in fragments])


def _check_names(kind: str, names: list[str]) -> None:
    if "" in names and len(names) > 1:
        raise _invalid("An anonymous operation must be the only one of its document.")
    name, times = Counter(names).most_common(1)[0] if names else ("", 1)
    if times > 1:
        raise _invalid(f"There can be only one {kind} named '{name}'.")


def _invalid(message: str) -> CodedError:
    return CodedError(ErrorCode.GRAPHQL_VALIDATION_FAILED, message)
