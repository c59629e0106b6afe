"""Connection quota: limits the sockets and event streams that one person, or one range of addresses without a person,
holds on this process.
"""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

from starlette.requests import HTTPConnection

from core.network.address_ranges import address_range
from transport.limits.limits import Limits


@runtime_checkable
class PersonalContext(Protocol):
    """A context that knows its person."""

    @property
    def person(self) -> Hashable | None:
        """None without a signed-in person."""


class QuotaExceededError(Exception):
    """The quota is used up; the text is for the client."""


class ConnectionQuota:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = Counter[Hashable]()

    @contextmanager
    def holding(self, context: object, connection: HTTPConnection) -> Iterator[None]:
        """Holds one place of the quota of the context's person, else of the connection's range of addresses.

        Raises QuotaExceededError.
        """
        person = context.person if isinstance(context, PersonalContext) else None
        address = connection.client.host if connection.client else ""
        holder: Hashable = ("range", address_range(address)) if person is None else ("person", person)
        most = self._limits.connections_per_range if person is None else self._limits.sockets_per_person
        if self._held[holder] >= most:
            whose = "An address without sign-in" if person is None else "One"
            raise QuotaExceededError(f"{whose} may have {most} sockets and streams at a time")
        self._held[holder] += 1
        try:
            yield
        finally:
            self._held[holder] -= 1
            if not self._held[holder]:
                del self._held[holder]
