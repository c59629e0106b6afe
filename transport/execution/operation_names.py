"""Names of operations for metrics and logs. Clients choose them freely, so they are cut, and few get a series.

A name has a series of its own after ANSWERS answers without errors; MOST_NAMES names have one. All others share OTHER.
"""

from collections import OrderedDict

LONGEST_NAME, MOST_NAMES, ANSWERS = 64, 50, 100
OTHER, UNNAMED = "other", "unnamed"
_MOST_CANDIDATES = 1_000


def cut_name(name: str | None) -> str | None:
    return None if name is None else name[:LONGEST_NAME]


class OperationNames:
    """The names that have a series, and the answers of those that may get one."""

    def __init__(self) -> None:
        self._named: set[str] = set()
        self._candidates: OrderedDict[str, int] = OrderedDict()

    def label(self, name: str | None) -> str:
        """Metric label for a cut name."""
        if name is None:
            return UNNAMED
        return name if name in self._named else OTHER

    def count(self, name: str | None, answers: int) -> None:
        """Counts answers without errors of an operation with this cut name."""
        if name is None or name in self._named or len(self._named) >= MOST_NAMES:
            return
        answers += self._candidates.pop(name, 0)
        if answers >= ANSWERS:
            self._named.add(name)
            return
        self._candidates[name] = answers
        if len(self._candidates) > _MOST_CANDIDATES:
            self._candidates.popitem(last=False)


NAMES = OperationNames()
"""Names seen by this process."""
