"""Parses `redis+cluster://` URLs: some nodes of a Redis Cluster; the others are discovered from these."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

SCHEMES: Final = ("redis+cluster", "rediss+cluster")
_URL = re.compile(r"(?P<scheme>rediss?)\+cluster://(?:(?P<user>[^:@/?#]*)(?::(?P<password>[^@/?#]*))?@)?(?P<nodes>.*)")
_NODE = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:/?#@,\[\]]+)):(?P<port>[0-9]{1,5})")
_HIGHEST_PORT = 65_535


class Address(NamedTuple):
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class ClusterUrl(NamedTuple):
    """`scheme` is the scheme of a single node: redis or rediss."""

    scheme: str
    user: str
    password: str
    nodes: Sequence[Address]

    def of_node(self, node: Address) -> str:
        """The URL of a node, with the same credentials."""
        credentials = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.password else ""
        return f"{self.scheme}://{credentials}{node}"


def is_cluster_url(url: str) -> bool:
    return url.partition("://")[0] in SCHEMES


def parse_cluster_url(url: str) -> ClusterUrl:
    """Raises ValueError, which names the wrong part but never a password."""
    parts = _URL.fullmatch(url)
    if parts is None or not parts["nodes"]:
        raise ValueError("must be redis+cluster://HOST:PORT,HOST:PORT, some nodes of the cluster with commas between")
    nodes = [_node(text) for text in parts["nodes"].rstrip("/").split(",")]
    return ClusterUrl(parts["scheme"], unquote(parts["user"] or ""), unquote(parts["password"] or ""), nodes)


def _node(text: str) -> Address:
    found = _NODE.fullmatch(text)
    if found is None or not 1 <= int(found["port"]) <= _HIGHEST_PORT:
        raise ValueError(f"names {text!r}, but a node is HOST:PORT, and a cluster has neither databases nor options")
    return Address(found["ipv6"] or found["host"], int(found["port"]))
