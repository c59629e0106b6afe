"""What every transport needs to answer an operation, in one hand."""

from dataclasses import dataclass

from schema.connections import OpenConnections
from schema.execution import Execution
from schema.hooks import GetContext
from schema.limits import Limits
from schema.operations import Preparation


@dataclass(frozen=True, slots=True)
class Endpoint:
    preparation: Preparation
    execution: Execution
    get_context: GetContext
    connections: OpenConnections
    limits: Limits
