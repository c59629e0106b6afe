"""LRU cache of parsed and validated documents by their text: clients send the same few.

A document is kept on its second sight: clients that write values into their documents send each of them once.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from engine import Doorkeeper

Known = TypeVar("Known")
LONGEST_TEXT = 16_384
KEPT_BYTES = 12_000_000


class DocumentCache(Generic[Known]):
    """Keeps the most recently used documents whose bytes, which `measure` tells, fit into the budget."""

    def __init__(self, measure: Callable[[Known], int], budget: int = KEPT_BYTES) -> None:
        self._documents: OrderedDict[str, tuple[Known, int]] = OrderedDict()
        self._doorkeeper = Doorkeeper()
        self._measure, self._budget = measure, budget
        self._held = 0

    def get(self, text: str) -> Known | None:
        found = self._documents.get(text)
        if found is None:
            return None
        self._documents.move_to_end(text)
        return found[0]

    def put(self, text: str, document: Known) -> None:
        if len(text) > LONGEST_TEXT or text in self._documents or not self._doorkeeper(text):
            return
        size = len(text) + self._measure(document)
        if size > self._budget:
            return
        self._documents[text] = document, size
        self._held += size
        while self._held > self._budget:
            self._held -= self._documents.popitem(last=False)[1][1]
