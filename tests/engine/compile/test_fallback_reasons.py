"""Each operation that is not compiled has its fallback reason; supported features have none."""

import pytest
import strawberry
from graphql import OperationDefinitionNode, parse
from strawberry.schema.config import StrawberryConfig

from engine import Plan
from engine.compile.compiler import MOST_FIELDS, Compiler
from engine.compile.fallback_reasons import FallbackError, FallbackReason
from engine.compile.fields import switch_names


@strawberry.type
class Leaf:
    text: str = "text"


@strawberry.type
class Query:
    @strawberry.field
    def leaf(self) -> Leaf:
        return Leaf()


SCHEMA = strawberry.Schema(Query, config=StrawberryConfig(enable_experimental_incremental_execution=True))


def compiled(text: str, **switches: bool) -> Plan:
    document = parse(text, experimental_fragment_arguments=True)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return Compiler(SCHEMA, SCHEMA._schema, document, operation, switches).plan()  # noqa: SLF001


def reason_of(text: str) -> FallbackReason:
    with pytest.raises(FallbackError) as raised:
        compiled(text)
    return raised.value.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ __schema { queryType { name } } }", FallbackReason.INTROSPECTION),
        ('{ __type(name: "Leaf") { name } }', FallbackReason.INTROSPECTION),
        ("{ leaf { ... @defer { text } } }", FallbackReason.INCREMENTAL),
        ("{ leaf @custom { text } }", FallbackReason.DIRECTIVE),
        ("query @custom { leaf { text } }", FallbackReason.DIRECTIVE),
        ("{ leaf { ...F } } fragment F($a: Int) on Leaf { text }", FallbackReason.DIRECTIVE),
        ("{ unknown }", FallbackReason.FIELD),
        ("mutation { leaf { text } }", FallbackReason.FIELD),
        ("{ " + " ".join(f"a{number}: leaf {{ text }}" for number in range(MOST_FIELDS)) + " }", FallbackReason.SIZE),
    ],
)
def test_an_operation_for_graphql_core_has_its_reason(text: str, reason: FallbackReason) -> None:
    assert reason_of(text) is reason


def test_supported_operations_are_compiled_with_their_number_of_fields() -> None:
    assert compiled("{ leaf { text __typename ...F } } fragment F on Leaf { again: text }").fields == 5
    text = "query ($on: Boolean!) { leaf { text @skip(if: $on) again: text @include(if: $on) } }"
    assert [compiled(text, on=on).fields for on in (True, False)] == [3, 3]


def test_switches_are_the_variables_of_skip_and_include() -> None:
    text = "query ($a: Boolean!, $b: Boolean!, $c: Int) { leaf @include(if: $b) { text ... @skip(if: $a) { text } } }"
    assert switch_names(parse(text)) == ("a", "b")
