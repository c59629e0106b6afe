"""Compiled execution of any Strawberry schema; it knows nothing of tweets."""

from engine.batches import Results, batch_field
from engine.compiler import Plan
from engine.engine import Engine
from engine.lasting import Lasting
from engine.readings import derived_field, read_field
from engine.variables import Variables

__all__ = ["Engine", "Lasting", "Plan", "Results", "Variables", "batch_field", "derived_field", "read_field"]
