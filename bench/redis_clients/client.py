"""The interface behind which each Redis client is measured, and the timeouts that all of them get: those of ours."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from core.network.redis_cluster_url import Address

ANSWER_SECONDS: Final = 2.0
CONNECT_SECONDS: Final = 1.0
PING_SECONDS: Final = 2.0

Library: TypeAlias = Any
"""A module of a library, or an object of it. The library may not be installed, so its types are not known."""
OnMessage = Callable[[str | None], None]
"""Called with each message, and with None where the client reports that messages may be missing."""


class Store(NamedTuple):
    """The address of one server, or addresses of cluster nodes."""

    nodes: Sequence[Address]
    is_cluster: bool

    @property
    def url(self) -> str:
        return f"{'redis+cluster' if self.is_cluster else 'redis'}://{','.join(map(str, self.nodes))}"


class HomeRead(NamedTuple):
    """A call of the script home_read. `home` is the list; `keys` are all keys that have to be declared."""

    source: str
    home: str
    keys: Sequence[str]
    args: Sequence[str]


class Client(Protocol):
    """An open client. `rows` returns values in the order of the keys; `listen` needs a cluster."""

    async def ids(self) -> Sequence[Any]: ...

    async def rows(self, names: Sequence[str]) -> Sequence[Any]: ...

    async def get(self, name: str) -> object: ...

    async def put(self, name: str, value: str) -> None: ...

    def listen(self, channel: str, on_message: OnMessage) -> AbstractAsyncContextManager[None]: ...


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
