"""Cache of operation costs, keyed by the sizes of pages and lists, and the enum values, in the variables.

Checking a document against the limits walks all of it. Variables change the outcome only through these, so a cached
document is walked once for each combination of them.
"""

from collections.abc import Iterable, Mapping

from transport.limits.limits import Limits

MOST_COSTS = 64
LONGEST_WORD = 32
"""Names of enum values are shorter."""
_Sizes = tuple[int | str | None, ...]
_OTHER, _MISSING = 0, -(10**9)


class CostCache:
    """Costs of the operations of one valid document that is within the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._looked_at: dict[str | None, tuple[str, ...]] = {}
        self._costs: dict[tuple[str | None, _Sizes], int] = {}

    def get(self, name: str | None, variables: Mapping[str, object]) -> int | None:
        """Cost of the operation with this name; None if it is not cached."""
        size_variables = self._looked_at.get(name)
        return None if size_variables is None else self._costs.get((name, self._sizes(size_variables, variables)))

    def put(self, name: str | None, variables: Mapping[str, object], size_variables: Iterable[str], cost: int) -> None:
        """`size_variables`: variables whose sizes determine the cost; which ones does not depend on their values."""
        names = self._looked_at.setdefault(name, tuple(sorted(size_variables)))
        if len(self._costs) < MOST_COSTS:
            self._costs[name, self._sizes(names, variables)] = cost

    def _sizes(self, names: Iterable[str], variables: Mapping[str, object]) -> _Sizes:
        return tuple(self._size(variables[name]) if name in variables else _MISSING for name in names)

    def _size(self, value: object) -> int | str | None:
        """Key of a value, equal for values that cost the same: numbers, lengths of lists below 0, words, else 0."""
        if isinstance(value, str) and len(value) <= LONGEST_WORD:
            return value
        if isinstance(value, int):
            return max(1, min(value, self._limits.page_items))
        if isinstance(value, list):
            return -1 - len(value)
        return None if value is None else _OTHER
