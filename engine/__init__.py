"""Compiled execution of any Strawberry schema."""

from engine.compile.compiler import Plan
from engine.engine import Engine
from engine.runtime.batches import Results, batch_field
from engine.runtime.deep_size import document_bytes
from engine.runtime.field_readers import derived_field, read_field
from engine.runtime.interned import Internable
from engine.runtime.second_sight import SecondSight
from engine.runtime.variables import Variables

__all__ = [
    "Engine",
    "Internable",
    "Plan",
    "Results",
    "SecondSight",
    "Variables",
    "batch_field",
    "derived_field",
    "document_bytes",
    "read_field",
]
