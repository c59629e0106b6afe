"""Documents that were parsed and found valid, kept by their text, for clients send the same few again and again."""

from collections import OrderedDict
from typing import Generic, TypeVar

Known = TypeVar("Known")
LONGEST_TEXT = 16_384
KEPT_CHARACTERS = 262_144
"""A parsed document takes about a hundred times the memory of its text."""


class DocumentCache(Generic[Known]):
    """What is known of the most recently used documents, as many as their texts fit into a budget."""

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
