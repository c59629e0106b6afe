"""The clients under comparison: ours and libraries, each of which may not be installed."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from importlib.util import find_spec
from typing import NamedTuple

from bench.redis_clients.client import Client, HomeRead, Store
from bench.redis_clients.coredis import open_coredis
from bench.redis_clients.glide import open_glide
from bench.redis_clients.ours import open_ours


class Peer(NamedTuple):
    """`name`: of the distribution; `module`: to import, None for ours."""

    name: str
    module: str | None
    open: Callable[[Store, HomeRead], AbstractAsyncContextManager[Client]]

    @property
    def is_installed(self) -> bool:
        return self.module is None or find_spec(self.module) is not None

    @property
    def title(self) -> str:
        return self.name if self.module is None else f"{self.name} {version(self.name)}"


OURS = "ours"
PEERS: Sequence[Peer] = (
    Peer(OURS, None, open_ours),
    Peer("valkey-glide", "glide", open_glide),
    Peer("coredis", "coredis", open_coredis),
)
