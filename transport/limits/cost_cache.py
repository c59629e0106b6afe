"""What the operations of one document cost, remembered by what their variables say of lengths.

Checking a document against the limits walks all of it. Its variables change the outcome by the lengths of pages and
lists alone, so that a document is walked once for each combination of them, as long as it is known.
"""

from collections.abc import Iterable, Mapping

from transport.limits.limits import Limits

MOST_PRICES = 64
_Sizes = tuple[int | None, ...]
_OTHER, _MISSING = 0, -(10**9)


class Prices:
    """Of one document that is within the limits and valid."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._looked_at: dict[str | None, tuple[str, ...]] = {}
        self._costs: dict[tuple[str | None, _Sizes], int] = {}

    def get(self, name: str | None, variables: Mapping[str, object]) -> int | None:
        """Of the operation of this name, None where that is not known yet."""
        looked_at = self._looked_at.get(name)
        return None if looked_at is None else self._costs.get((name, self._sizes(looked_at, variables)))

    def put(self, name: str | None, variables: Mapping[str, object], looked_at: Iterable[str], cost: int) -> None:
        """`looked_at`: the variables whose lengths count, the same ones whatever their values."""
        names = self._looked_at.setdefault(name, tuple(sorted(looked_at)))
        if len(self._costs) < MOST_PRICES:
            self._costs[name, self._sizes(names, variables)] = cost

    def _sizes(self, names: Iterable[str], variables: Mapping[str, object]) -> _Sizes:
        return tuple(self._size(variables[name]) if name in variables else _MISSING for name in names)

    def _size(self, value: object) -> int | None:
        """Equal for values that cost the same: numbers above 0, lists below, what is neither between them."""
        if isinstance(value, int):
            return max(1, min(value, self._limits.page_items))
        if isinstance(value, list):
            return -1 - len(value)
        return None if value is None else _OTHER
