"""How many sockets one person holds on this process."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable


@runtime_checkable
class PersonalContext(Protocol):
    """A context of a socket that somebody opened."""

    @property
    def person(self) -> Hashable | None:
        """None where nobody is signed in."""


class NoSeatError(Exception):
    """The person has as many sockets as one may have."""


class Seats:
    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = Counter[Hashable]()

    @contextmanager
    def of(self, context: object) -> Iterator[None]:
        """One of the person's, while it lasts. Raises NoSeatError where all are taken."""
        person = context.person if isinstance(context, PersonalContext) else None
        if person is None:
            yield
            return
        if self._taken[person] >= self._most:
            raise NoSeatError
        self._taken[person] += 1
        try:
            yield
        finally:
            self._taken[person] -= 1
            if not self._taken[person]:
                del self._taken[person]
