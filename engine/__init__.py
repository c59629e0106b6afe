"""Compiled execution of any Strawberry schema."""

from engine.compile.compiler import Plan
from engine.engine import Engine
from engine.runtime.batches import Results, batch_field
from engine.runtime.deep_size import document_bytes
from engine.runtime.doorkeeper import Doorkeeper
from engine.runtime.field_readers import derived_field, read_field
from engine.runtime.interned import Internable
from engine.runtime.variables import Variables

__all__ = [
    "Doorkeeper",
    "Engine",
    "Internable",
    "Plan",
    "Results",
    "Variables",
    "batch_field",
    "derived_field",
    "document_bytes",
    "read_field",
]
