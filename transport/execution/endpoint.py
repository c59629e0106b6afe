"""What every transport needs to answer an operation, in one hand."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from transport.execution.context_protocols import GetContext, PerOperation
from transport.execution.execution import Execution
from transport.execution.operations import Operation, Preparation
from transport.limits.limits import Limits
from transport.request.graphql_request import GraphQLRequest
from transport.request.persisted_documents import PersistedDocuments
from transport.server.connections import OpenConnections


@dataclass(frozen=True, slots=True)
class Endpoint:
    preparation: Preparation
    execution: Execution
    get_context: GetContext
    connections: OpenConnections
    limits: Limits
    documents: PersistedDocuments

    async def prepare(self, request: GraphQLRequest) -> Operation:
        """Raises RefusedError, CodedError, and RequestError for what is no request."""
        operation = self.preparation.prepare(await self.documents.completed(request))
        await self.documents.keep(request)
        return operation

    async def contexts(self, connection: HTTPConnection, operation: Operation) -> tuple[object, object]:
        """That of a request with one operation, and that of the operation. Raises as `context_for` does."""
        with self.execution.deadlines.limit():
            client = await self.get_context(connection, None)
            return client, await _made(client, operation)

    async def context_for(self, operation: Operation, context: object) -> object:
        """The context of one operation. Raises TimeoutError where it takes too long, and CodedError."""
        with self.execution.deadlines.limit():
            return await _made(context, operation)


async def _made(context: object, operation: Operation) -> object:
    # A protocol's own check looks all its attributes up, which takes longer than all else here.
    make: PerOperation | None = context if hasattr(context, "for_operation") else None
    return context if make is None else await make.for_operation(operation)
