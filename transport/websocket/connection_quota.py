"""Connection quota: limits the sockets that one person holds on this process."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable


@runtime_checkable
class PersonalContext(Protocol):
    """A socket's context that knows its person."""

    @property
    def person(self) -> Hashable | None:
        """None without a signed-in person."""


class QuotaExceededError(Exception):
    """The person's quota is used up."""


class ConnectionQuota:
    def __init__(self, most: int) -> None:
        self._most = most
        self._held = Counter[Hashable]()

    @contextmanager
    def holding(self, context: object) -> Iterator[None]:
        """Holds one socket of the person's quota. Unlimited without a person. Raises QuotaExceededError."""
        person = context.person if isinstance(context, PersonalContext) else None
        if person is None:
            yield
            return
        if self._held[person] >= self._most:
            raise QuotaExceededError
        self._held[person] += 1
        try:
            yield
        finally:
            self._held[person] -= 1
            if not self._held[person]:
                del self._held[person]
