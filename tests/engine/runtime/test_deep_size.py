"""Measured sizes of documents and plans are about the memory that they take."""

import gc
import tracemalloc

from graphql import DocumentNode, get_operation_ast, parse
from graphql.execution.values import VariableValues

from engine import Engine, Plan, document_bytes
from engine.runtime.deep_size import plan_bytes
from tests.engine.worlds import sync_world

TEXT = "query Q { strict { text number same: text nameds { ... on Thing { text number } } } }"
NOTHING = VariableValues({}, {})
MANY = 50


def parsed(number: int) -> DocumentNode:
    return parse(TEXT.replace("Q", f"Q{number}"), max_tokens=1_000)


def test_a_documents_size_is_its_memory() -> None:
    parsed(0)
    gc.collect()
    tracemalloc.start()
    kept = [parsed(number) for number in range(MANY)]
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.7 < sum(map(document_bytes, kept)) / taken < 1.5


def test_a_plans_size_is_its_memory_without_schema_and_document() -> None:
    engine = Engine(sync_world())
    documents = [parsed(number) for number in range(MANY + 1)]

    def plan(document: DocumentNode) -> Plan:
        operation = get_operation_ast(document, None)
        assert operation is not None
        made = engine.plan(document, operation, NOTHING)
        assert made is not None
        return made

    plan(documents[0])
    gc.collect()
    tracemalloc.start()
    kept = [plan(document) for document in documents[1:]]
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.5 < sum(map(plan_bytes, kept)) / taken < 2
