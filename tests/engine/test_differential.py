"""Random operations on synthetic schemas: data and errors equal those of graphql-core."""

import gc
import random
from collections.abc import Iterator

import pytest
import strawberry

from engine import Engine
from tests.engine.comparing import both, explained, ordered, shown
from tests.engine.garden import garden
from tests.engine.operations import OperationMaker
from tests.engine.worlds import sync_world

SOME, MANY = 1_000, 50_000
COLLECTED_EVERY = 500


@pytest.fixture(autouse=True)
def _collected_by_hand() -> Iterator[None]:
    """Coroutines that graphql-core abandons warn when collected, which fails if Python can't import at that moment."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


async def compare(schema: strawberry.Schema, seeds: range, *, in_order: bool) -> None:
    engine = Engine(schema)
    for number, seed in enumerate(seeds):
        if number % COLLECTED_EVERY == 0:
            gc.collect()
        operation = OperationMaker(schema._schema, random.Random(seed)).make()  # noqa: SLF001 - as the engine does
        answers = await both(engine, schema, operation.text, operation.variables, context={})
        assert answers.engine is not None, operation.text
        assert ordered(answers.engine.data) == ordered(answers.core.data), (seed, operation)
        if in_order:
            assert shown(answers.engine) == shown(answers.core), (seed, operation)
        else:
            assert explained(answers.engine) == explained(answers.core), (seed, operation)


async def test_without_waiting_answers_equal_including_the_order_of_errors() -> None:
    await compare(sync_world(), range(SOME), in_order=True)


# graphql-core cancels tasks that never began when a sibling fails, and leaves their coroutines.
@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
async def test_with_late_resolvers_answers_equal_but_for_errors_below_one_null() -> None:
    await compare(garden(), range(SOME), in_order=False)


@pytest.mark.long
async def test_a_great_many_operations_without_waiting() -> None:
    await compare(sync_world(), range(SOME, SOME + MANY), in_order=True)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
async def test_a_great_many_operations_with_waiting() -> None:
    await compare(garden(), range(SOME, SOME + MANY), in_order=False)
