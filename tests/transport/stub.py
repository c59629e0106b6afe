"""A small schema without tweets whose resolvers do what the test says, and ways to serve it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, NewType

import httpx
import strawberry
import uvicorn
from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from core.errors import BadCursorError, UnauthenticatedError, ValueFormatError
from core.settings import Switch, load_settings
from datastore.embedded.stores import free_port
from tests.support.waiting import eventually
from transport.asgi import RookeryGraphQL
from transport.execution.operations import Operation
from transport.limits.limits import DEFAULT_LIMITS, Limits
from transport.request.persisted_documents import PersistedDocuments
from transport.server.uvicorn_protocols import ServedApp


@dataclass
class Stub:
    """State that resolvers read and write; also the context of every request."""

    events: asyncio.Queue[object] = field(default_factory=asyncio.Queue)
    end: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    refusal: Exception | None = None
    operations: list[Operation] = field(default_factory=list)
    payloads: list[Mapping[str, object] | None] = field(default_factory=list)
    streams_open: int = 0
    slow_running: int = 0
    bumps: int = 0
    charged: list[int] = field(default_factory=list)
    charge_error: Exception | None = None

    async def get_context(self, _: HTTPConnection, payload: Mapping[str, object] | None) -> "Stub":
        self.payloads.append(payload)
        if self.refusal:
            raise self.refusal
        return self

    async def for_operation(self, operation: Operation) -> "Stub":
        self.operations.append(operation)
        return self

    async def charge_refusal(self, points: int) -> None:
        self.charged.append(points)
        if self.charge_error:
            raise self.charge_error

    async def expired(self) -> None:
        await self.end.wait()


StubInfo = Info[Stub, None]


def parse_code(value: object) -> str:
    if value == "cursor":
        raise BadCursorError(str(value))
    if not isinstance(value, str) or not value.isupper():
        raise ValueFormatError("A code is written in capitals.")
    return value


Code = NewType("Code", str)
CODE = strawberry.scalar(name="Code", description="Capitals.", serialize=str, parse_value=parse_code)


@strawberry.type
class Author:
    name: str = "carol"

    @strawberry.field
    def items(self, first: int = 20) -> list["Item"]:
        return [Item(number=number) for number in range(min(first, 100))]


@strawberry.type
class Item:
    number: int

    @strawberry.field
    def author(self) -> Author:
        return Author()

    @strawberry.field
    async def late(self, info: StubInfo) -> str:
        await info.context.gate.wait()
        return "at last"


@strawberry.type
class Other:
    name: str = "other"

    @strawberry.field
    def author(self) -> Author:
        return Author()


Anything = Annotated[Item | Other, strawberry.union("Anything")]


@strawberry.input
class Filter:
    words: list[str]
    minimum: int = 0


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello, {name}"

    @strawberry.field
    def items(self, first: int = 20) -> list[Item]:
        return [Item(number=number) for number in range(first)]

    @strawberry.field
    def anything(self, first: int = 20) -> list[Anything]:
        return [Other() if number % 2 else Item(number=number) for number in range(first)]

    @strawberry.field
    def nodes(self, ids: list[strawberry.ID]) -> list[Item | None]:
        return [None for _ in ids]

    @strawberry.field
    def find(self, query: Filter) -> str:
        return " ".join(query.words)

    @strawberry.field
    def code(self, code: Code) -> Code:
        return code

    @strawberry.field
    def refuses(self) -> str | None:
        raise UnauthenticatedError

    @strawberry.field
    def fails(self) -> str | None:
        raise RuntimeError("the password of the database is swordfish")

    @strawberry.field
    def library_fails(self) -> str | None:
        raise GraphQLError("the library knows swordfish")

    @strawberry.field
    def store_is_slow(self) -> str | None:
        raise TimeoutError("mongodb://10.0.0.1")

    @strawberry.field
    def too_large(self) -> int | None:
        return 2**40

    @strawberry.field
    async def slow(self, info: StubInfo) -> str | None:
        info.context.slow_running += 1
        try:
            await info.context.gate.wait()
        finally:
            info.context.slow_running -= 1
        return "at last"

    @strawberry.field
    def text(self, length: int) -> str:
        return "x" * length


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def bump(self, info: StubInfo) -> int:
        info.context.bumps += 1
        return info.context.bumps

    @strawberry.mutation
    async def slow_bump(self, info: StubInfo) -> int:
        await info.context.gate.wait()
        info.context.bumps += 1
        return info.context.bumps


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, info: StubInfo) -> AsyncGenerator[str, None]:
        """Yields the events of the queue; raises exceptions; ends at None."""
        info.context.streams_open += 1
        try:
            while (event := await info.context.events.get()) is not None:
                if isinstance(event, Exception):
                    raise event
                yield str(event)
        finally:
            info.context.streams_open -= 1

    @strawberry.subscription
    async def countdown(self, start: int) -> AsyncGenerator[int, None]:
        for number in range(start, 0, -1):
            yield number

    @strawberry.subscription
    async def flood(self, size: int) -> AsyncGenerator[str, None]:
        while True:
            yield "x" * size


@cache
def build_schema(*, incremental: bool = False) -> strawberry.Schema:
    config = StrawberryConfig(scalar_map={Code: CODE}, enable_experimental_incremental_execution=incremental)
    return strawberry.Schema(Query, Mutation, Subscription, config=config)


class KeptDocuments:
    """Registered documents by hash."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    async def get(self, digest: str) -> str | None:
        return self.texts.get(digest)

    async def put(self, digest: str, text: str) -> None:
        self.texts[digest] = text


def endpoint(
    stub: Stub,
    *,
    limits: Limits = DEFAULT_LIMITS,
    is_open: bool = True,
    allowed_origins: Sequence[str] = (),
    incremental: bool = False,
    documents: PersistedDocuments | None = None,
) -> RookeryGraphQL:
    """Configured as in development if `is_open`, else as in production."""
    return RookeryGraphQL(
        schema=build_schema(incremental=incremental),
        get_context=stub.get_context,
        documents=documents or PersistedDocuments(KeptDocuments),
        allowed_origins=allowed_origins,
        graphiql=is_open,
        introspection=is_open,
        suggestions=is_open,
        engine=load_settings().engine is Switch.ON,
        limits=limits,
    )


def http_client(graphql: RookeryGraphQL) -> httpx.AsyncClient:
    """Without a server; answers come whole, so it can't read streams."""
    transport = httpx.ASGITransport(Starlette(routes=graphql.routes()))
    return httpx.AsyncClient(transport=transport, base_url="http://rookery.test")


@asynccontextmanager
async def served(graphql: RookeryGraphQL, limits: Limits = DEFAULT_LIMITS) -> AsyncIterator[uvicorn.Server]:
    """Serves behind a real socket; `url_of` gives the address."""
    app = ServedApp(Starlette(routes=graphql.routes()), limits, direct={"/graphql": graphql})
    server = uvicorn.Server(uvicorn.Config(app, port=free_port(), log_level="critical", timeout_graceful_shutdown=10))
    serving = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started or serving.done())
        yield server
    finally:
        server.should_exit = True
        await serving


def url_of(server: uvicorn.Server) -> str:
    return f"http://127.0.0.1:{server.config.port}"


def faults(logs: list[Any]) -> list[Any]:
    """Log lines other than those about operations."""
    return [line for line in logs if line["event"] != "operation"]
