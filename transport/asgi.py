"""The GraphQL endpoint: GraphQL over HTTP, event streams and multipart chosen by Accept, and the websocket.

It works with any schema. Every fault is answered with GraphQL errors.
"""

from collections.abc import Collection
from contextlib import ExitStack, suppress
from typing import cast

import strawberry
import structlog
from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from core.errors import CodedError, ErrorCode, RateLimitedError, RookeryError, UnavailableError
from transport.execution.answers import Answer
from transport.execution.compilation import graphql_schema
from transport.execution.context_protocols import (
    GetContext,
    current_request_id,
    operation_context,
    response_headers_of,
)
from transport.execution.endpoint import Endpoint
from transport.execution.error_masking import coded
from transport.execution.execution import Execution
from transport.execution.instrumentation import count_refusal
from transport.execution.operations import Operation, Preparation, client_errors
from transport.http.answering import answered, choice_for, json_reply, refusal, retry_after
from transport.http.body import read_body
from transport.http.encodings import encoding_for
from transport.http.negotiation import STREAMS, Accepted, Choice, accepted_by
from transport.http.reply import Reply
from transport.http.site import graphiql_page
from transport.http.streams import AnswerStream
from transport.lifecycle.open_connections import OpenConnections
from transport.lifecycle.scope_state import BODY_KEY, lifecycle_of
from transport.limits.connection_quota import ConnectionQuota, QuotaExceededError
from transport.limits.limits import DEFAULT_LIMITS, Limits
from transport.limits.work import NO_WORK, WorkTable
from transport.request import headers
from transport.request.graphql_request import GraphQLRequest, RequestError, request_from_json, request_from_parameters
from transport.request.origins import AllowedOrigins, cross_origin
from transport.request.persisted_documents import PersistedDocuments
from transport.websocket.acceptor import SocketAcceptor

ALLOWED_METHODS = "GET, POST, OPTIONS"
RESTARTING = "The server is restarting. Connect again."
QUOTA_RETRY_SECONDS = 10
CONNECTIONS = "CONNECTIONS"


class RookeryGraphQL:
    """An ASGI application for one address.

    `get_context` is called for each request, and for each socket with the payload of its connection_init. The context
    may be an ExpiringContext or a PerOperationContext. The server's own origin is always allowed.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of its own
        self,
        *,
        schema: strawberry.Schema,
        get_context: GetContext,
        documents: PersistedDocuments,
        allowed_origins: Collection[str] = (),
        graphiql: bool = True,
        introspection: bool = True,
        suggestions: bool = True,
        engine: bool = True,
        limits: Limits = DEFAULT_LIMITS,
        work: WorkTable = NO_WORK,
    ) -> None:
        preparation = Preparation(
            graphql_schema(schema), limits, introspection=introspection, suggestions=suggestions, work=work
        )
        execution = Execution(schema, limits, suggestions=suggestions, engine=engine)
        self._endpoint = Endpoint(preparation, execution, get_context, OpenConnections(), limits, documents)
        self._quota = ConnectionQuota(limits)
        self._sockets = SocketAcceptor(self._endpoint, AllowedOrigins(allowed_origins), self._quota)
        self._cors = cross_origin(allowed_origins)
        self._graphiql = graphiql_page() if graphiql else None

    def routes(self, path: str = "/graphql") -> list[BaseRoute]:
        return [Route(path, endpoint=self, middleware=[self._cors]), WebSocketRoute(path, endpoint=self)]

    async def read_signed_out(self, request: Request, document: str, variables: dict[str, object]) -> Answer:
        """Answer to a query by the client of `request`, as if nobody were signed in; limits hold, faults are errors."""
        named = [(name, value) for name, value in request.scope["headers"] if name != b"authorization"]
        request_id = current_request_id()
        try:
            operation = self._endpoint.preparation.prepare(GraphQLRequest(query=document, variables=variables))
            with self._endpoint.execution.deadlines.limit():
                client = await self._endpoint.get_context(Request({**request.scope, "headers": named}), None)
                context = await operation_context(client, operation)
            return await self._endpoint.execution.answer(operation, context, request_id=request_id)
        except Exception as error:  # noqa: BLE001 - a page is shown without what could not be read for it
            return {"errors": client_errors(error, request_id)}

    async def drain(self) -> None:
        """Refuses new sockets and streams and closes the open ones over `drain_seconds`.

        Returns when all are closed.
        """
        await self._endpoint.connections.drain(self._endpoint.limits.drain_seconds)

    async def answer_whole(self, headers: list[tuple[bytes, bytes]], body: bytes, client: object) -> Reply:
        """Answer to a POST whose body arrived whole, and which accepts no stream."""
        state = {BODY_KEY: body}
        scope = {
            "type": "http",
            "method": "POST",
            "query_string": b"",
            "headers": headers,
            "client": client,
            "state": state,
        }
        request_id = current_request_id()
        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            return cast(Reply, await self._respond(Request(scope), request_id))
        finally:
            structlog.contextvars.reset_contextvars(**bound)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if lifecycle := lifecycle_of(scope):
            lifecycle.on_stop(self.drain)
        if scope["type"] == "websocket":
            await self._sockets.serve(WebSocket(scope, receive, send))
            return
        request_id = current_request_id()
        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = await self._respond(Request(scope, receive), request_id)
            await response(scope, receive, send)
        finally:
            structlog.contextvars.reset_contextvars(**bound)

    async def _respond(self, request: Request, request_id: str) -> ASGIApp:
        accepted = accepted_by(",".join(request.headers.getlist("accept")))
        if request.method == "GET" and self._graphiql and accepted.prefers_html():
            return self._graphiql.response(request)
        try:
            return await self._answer(request, accepted, request_id)
        except RequestError as error:
            count_refusal(error.code)
            answer: Answer = {"errors": [coded(error.code, error.message)]}
            more = {**error.headers, "x-request-id": request_id}
            return json_reply(answer, accepted.errors(), status=error.status, more=more)
        except Exception as error:  # noqa: BLE001 - the client gets a masked answer for any error
            more = {"x-request-id": request_id, **retry_after(error)}
            return refusal(client_errors(error, request_id), accepted.errors(), more)

    async def _answer(self, request: Request, accepted: Accepted, request_id: str) -> ASGIApp:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={**headers.API, "allow": ALLOWED_METHODS})
        operation, choice = await self._accepted(request, accepted)
        with self._endpoint.execution.deadlines.limit():
            client = await self._endpoint.get_context(request, None)
            context = await operation_context(client, operation)
        more = {"x-request-id": request_id, **response_headers_of(context)}
        if choice.media not in STREAMS:
            answer = await self._endpoint.execution.answer(operation, context, request_id=request_id)
            return answered(answer, choice, more)
        if self._endpoint.connections.is_draining:
            raise CodedError(ErrorCode.UNAVAILABLE, RESTARTING)
        with ExitStack() as held:
            if operation.is_subscription:
                self._hold(held, client, request)
            return AnswerStream(
                await self._endpoint.execution.stream(operation, context, request_id=request_id),
                encoding_for(choice),
                context=client,
                endpoint=self._endpoint,
                more=more,
                held=held.pop_all(),
            )

    def _hold(self, held: ExitStack, client: object, request: Request) -> None:
        try:
            held.enter_context(self._quota.holding(client, request))
        except QuotaExceededError as error:
            raise RateLimitedError(f"{error}.", QUOTA_RETRY_SECONDS, CONNECTIONS) from None

    async def _accepted(self, request: Request, accepted: Accepted) -> tuple[Operation, Choice]:
        """The operation, ready to run, and the form of its answer. What is refused costs points."""
        read: GraphQLRequest | None = None
        try:
            read = await self._read(request)
            operation = await self._endpoint.prepare(read)
            if request.method == "GET" and operation.kind is not OperationType.QUERY:
                raise RequestError(405, f"A {operation.kind.value} is sent by POST.", headers={"allow": "POST"})
            return operation, choice_for(accepted, operation)
        except RookeryError:
            with self._endpoint.execution.deadlines.limit(), suppress(UnavailableError):
                await self._endpoint.charge_refusal(await self._endpoint.get_context(request, None), read)
            raise

    async def _read(self, request: Request) -> GraphQLRequest:
        if request.method == "POST":
            return request_from_json(await read_body(request, self._endpoint.limits))
        if request.method == "GET":
            return request_from_parameters(request.query_params)
        raise RequestError(405, f"Send {ALLOWED_METHODS}.", headers={"allow": ALLOWED_METHODS})
