"""What every transport needs to answer an operation, in one hand."""

from dataclasses import dataclass

from schema.transport.connections import OpenConnections
from schema.transport.execution import Execution
from schema.transport.hooks import GetContext
from schema.transport.limits import Limits
from schema.transport.operations import Preparation


@dataclass(frozen=True, slots=True)
class Endpoint:
    preparation: Preparation
    execution: Execution
    get_context: GetContext
    connections: OpenConnections
    limits: Limits
