"""Errors of one execution, put into the order, and cut down to the set, that depth-first execution gives."""

from collections.abc import Sequence
from typing import NamedTuple

from graphql import FieldNode, GraphQLError, located_error

from engine.runtime.result_paths import Steps, keys_of


class Failure(NamedTuple):
    """An error at `steps`, which made null what stands `climbs` steps above."""

    error: GraphQLError
    steps: Steps
    climbs: int

    @property
    def nulled(self) -> Steps:
        return self.steps[: len(self.steps) - self.climbs]


class Failures(list[Failure]):
    """In the order in which they happened, which is level by level."""

    def add(self, error: Exception, nodes: Sequence[FieldNode], steps: Steps, climbs: int) -> None:
        self.append(Failure(located_error(error, nodes, keys_of(steps)), steps, climbs))

    def in_order(self) -> list[GraphQLError]:
        """As if fields were executed one after the other: what an error made null is not looked at any further."""
        nulled: set[Steps] = set()
        kept: list[GraphQLError] = []
        for failure in sorted(self, key=lambda one: [step.rank for step in one.steps]):
            if any(failure.steps[:length] in nulled for length in range(len(failure.steps) + 1)):
                continue
            nulled.add(failure.nulled)
            kept.append(failure.error)
        return kept
