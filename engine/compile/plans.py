"""Compiled operations, kept while they are used: as many as fit into a budget by their texts and their fields."""

from collections import OrderedDict

from engine.compile.compiler import Plan
from engine.compile.fallback_reasons import Refusal

PlanKey = tuple[str, str | None, tuple[tuple[str, bool], ...]]
"""The document's text, the operation's name, the values of its switches."""

KEPT_WEIGHT = 500_000
FIELD_WEIGHT = 20
"""A compiled field takes about so many times the memory of a character of a parsed document."""


class PlanCache:
    """The most recently used plans, and what was found not to be compiled."""

    def __init__(self, budget: int = KEPT_WEIGHT) -> None:
        self._plans: OrderedDict[PlanKey, Plan | Refusal] = OrderedDict()
        self._budget = budget
        self._held = 0

    def __len__(self) -> int:
        return len(self._plans)

    def get(self, key: PlanKey) -> Plan | Refusal | None:
        found = self._plans.get(key)
        if found is not None:
            self._plans.move_to_end(key)
        return found

    def put(self, key: PlanKey, plan: Plan | Refusal) -> None:
        if key in self._plans or _weight(key, plan) > self._budget:
            return
        self._plans[key] = plan
        self._held += _weight(key, plan)
        while self._held > self._budget:
            self._held -= _weight(*self._plans.popitem(last=False))


def _weight(key: PlanKey, plan: Plan | Refusal) -> int:
    return len(key[0]) + (FIELD_WEIGHT * plan.fields if isinstance(plan, Plan) else 0)
