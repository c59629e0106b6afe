"""From a parsed operation to a plan: generated Python for one schema and one document."""
