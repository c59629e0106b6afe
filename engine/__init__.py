"""Compiled execution of any Strawberry schema; it knows nothing of tweets."""

from engine.compile.compiler import Plan
from engine.engine import Engine
from engine.runtime.batches import Results, batch_field
from engine.runtime.field_readers import derived_field, read_field
from engine.runtime.interned import Lasting
from engine.runtime.variables import Variables

__all__ = ["Engine", "Lasting", "Plan", "Results", "Variables", "batch_field", "derived_field", "read_field"]
