"""The endpoint: everything that HTTP and websockets need to answer operations."""

from dataclasses import dataclass

from transport.execution.context_protocols import GetContext, RefusalContext
from transport.execution.execution import Execution
from transport.execution.operations import Operation, Preparation, refusal_points
from transport.lifecycle.open_connections import OpenConnections
from transport.limits.limits import Limits
from transport.request.graphql_request import GraphQLRequest
from transport.request.persisted_documents import PersistedDocuments


@dataclass(frozen=True, slots=True)
class Endpoint:
    preparation: Preparation
    execution: Execution
    get_context: GetContext
    connections: OpenConnections
    limits: Limits
    documents: PersistedDocuments

    async def charge_refusal(self, context: object, request: GraphQLRequest | None) -> None:
        """Takes points for a request that is refused before it runs; None if it could not be read."""
        charging: RefusalContext | None = context if hasattr(context, "charge_refusal") else None
        if charging is not None:
            await charging.charge_refusal(refusal_points(request, self.limits))

    async def prepare(self, request: GraphQLRequest) -> Operation:
        """Resolves and registers persisted documents. Raises RefusedError, CodedError and RequestError."""
        operation = self.preparation.prepare(await self.documents.resolve(request))
        await self.documents.register(request)
        return operation
