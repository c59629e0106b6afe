"""LRU cache of plans, bounded by the sizes of their documents and fields."""

from collections import OrderedDict

from engine.compile.compiler import Plan
from engine.compile.fallback_reasons import FallbackReason

PlanKey = tuple[str, str | None, tuple[tuple[str, bool], ...]]
"""The document's text, the operation's name, the values of its switches."""

KEPT_WEIGHT = 500_000
FIELD_WEIGHT = 20
"""Memory of a compiled field, in characters of a parsed document."""


class PlanCache:
    """The most recently used plans, and fallback reasons of operations that were not compiled."""

    def __init__(self, budget: int = KEPT_WEIGHT) -> None:
        self._plans: OrderedDict[PlanKey, Plan | FallbackReason] = OrderedDict()
        self._budget = budget
        self._held = 0

    def __len__(self) -> int:
        return len(self._plans)

    def get(self, key: PlanKey) -> Plan | FallbackReason | None:
        found = self._plans.get(key)
        if found is not None:
            self._plans.move_to_end(key)
        return found

    def put(self, key: PlanKey, plan: Plan | FallbackReason) -> None:
        if key in self._plans or _weight(key, plan) > self._budget:
            return
        self._plans[key] = plan
        self._held += _weight(key, plan)
        while self._held > self._budget:
            self._held -= _weight(*self._plans.popitem(last=False))


def _weight(key: PlanKey, plan: Plan | FallbackReason) -> int:
    return len(key[0]) + (FIELD_WEIGHT * plan.fields if isinstance(plan, Plan) else 0)
