"""LRU cache of parsed and validated documents by their text: clients send the same few."""

from collections import OrderedDict
from typing import Generic, TypeVar

Known = TypeVar("Known")
LONGEST_TEXT = 16_384
KEPT_CHARACTERS = 262_144
"""Budget in characters: a parsed document takes about a hundred times the memory of its text."""


class DocumentCache(Generic[Known]):
    """Keeps the most recently used documents whose texts fit into `budget` characters."""

    def __init__(self, budget: int = KEPT_CHARACTERS) -> None:
        self._documents: OrderedDict[str, Known] = OrderedDict()
        self._budget = budget
        self._held = 0

    def get(self, text: str) -> Known | None:
        document = self._documents.get(text)
        if document is not None:
            self._documents.move_to_end(text)
        return document

    def put(self, text: str, document: Known) -> None:
        if len(text) > LONGEST_TEXT or text in self._documents:
            return
        self._documents[text] = document
        self._held += len(text)
        while self._held > self._budget:
            dropped, _ = self._documents.popitem(last=False)
            self._held -= len(dropped)
