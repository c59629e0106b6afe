"""Documents and plans that all services of a test process share, as requests share them that come to one process."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import strawberry
from graphql import GraphQLSchema

from engine import Engine
from engine.compile.plans import PlanCache
from schema.roots import build_schema
from transport.execution.operations import Preparation


@contextmanager
def shared_documents() -> Iterator[None]:
    """A service prepares a document anew only if no service with the same limits before it did.

    Each test file starts a service, and most tests of the API send the same few documents: preparing one again costs
    more than most answers. Schemas of single tests prepare their own.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("transport.asgi.Preparation", partial(_preparation, {}))
        patch.setattr("transport.execution.compilation.Engine", partial(_engine, PlanCache()))
        yield


def _preparation(known: dict[object, Preparation], schema: GraphQLSchema, limits: Any, **more: Any) -> Preparation:
    if schema is not build_schema()._schema:  # noqa: SLF001 - Strawberry keeps graphql-core's schema there
        return Preparation(schema, limits, **more)
    key = (limits, *[value if isinstance(value, bool) else id(value) for value in more.values()])
    return known.setdefault(key, Preparation(schema, limits, **more))


def _engine(plans: PlanCache, schema: strawberry.Schema, **more: Any) -> Engine:
    return Engine(schema, cache=plans if schema is build_schema() else None, **more)
