"""LRU cache of plans, bounded by their bytes. A plan is kept on its second sight: many documents never come again."""

from collections import OrderedDict

from engine.compile.compiler import Plan
from engine.compile.fallback_reasons import FallbackReason
from engine.runtime.deep_size import plan_bytes
from engine.runtime.doorkeeper import Doorkeeper

PlanKey = tuple[str, str | None, tuple[tuple[str, bool], ...]]
"""The document's text, the operation's name, the values of its switches."""

KEPT_BYTES = 12_000_000


class PlanCache:
    """The most recently used plans, and fallback reasons of operations that were not compiled."""

    def __init__(self, budget: int = KEPT_BYTES) -> None:
        self._plans: OrderedDict[PlanKey, tuple[Plan | FallbackReason, int]] = OrderedDict()
        self._doorkeeper = Doorkeeper()
        self._budget = budget
        self._held = 0

    def __len__(self) -> int:
        return len(self._plans)

    def get(self, key: PlanKey) -> Plan | FallbackReason | None:
        found = self._plans.get(key)
        if found is None:
            return None
        self._plans.move_to_end(key)
        return found[0]

    def put(self, key: PlanKey, plan: Plan | FallbackReason) -> None:
        if key in self._plans or not self._doorkeeper(key):
            return
        size = len(key[0]) + (plan_bytes(plan) if isinstance(plan, Plan) else 0)
        if size > self._budget:
            return
        self._plans[key] = plan, size
        self._held += size
        while self._held > self._budget:
            self._held -= self._plans.popitem(last=False)[1][1]
