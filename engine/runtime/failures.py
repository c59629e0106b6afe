"""Errors of one execution, with the order and the selection that depth-first execution gives."""

from collections.abc import Sequence
from typing import NamedTuple

from graphql import FieldNode, GraphQLError, located_error

from engine.runtime.result_paths import Steps, keys_of


class Failure(NamedTuple):
    """An error at `steps`; its null propagates `null_levels` steps up."""

    error: GraphQLError
    steps: Steps
    null_levels: int

    @property
    def nulled(self) -> Steps:
        return self.steps[: len(self.steps) - self.null_levels]


class Failures(list[Failure]):
    """In order of occurrence, which is level by level."""

    def add(self, error: Exception, nodes: Sequence[FieldNode], steps: Steps, null_levels: int) -> None:
        self.append(Failure(located_error(error, nodes, keys_of(steps)), steps, null_levels))

    def in_order(self) -> list[GraphQLError]:
        """Depth-first order, without errors below a value that an earlier error made null."""
        nulled: set[Steps] = set()
        kept: list[GraphQLError] = []
        for failure in sorted(self, key=lambda one: [step.rank for step in one.steps]):
            if any(failure.steps[:length] in nulled for length in range(len(failure.steps) + 1)):
                continue
            nulled.add(failure.nulled)
            kept.append(failure.error)
        return kept
