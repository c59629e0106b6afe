"""Where stores should be, for messages to operators: setting, hosts and ports, never a password."""

from collections.abc import Sequence

_DEFAULT_PORTS = {"mongodb": 27017, "redis": 6379, "rediss": 6379}


def no_answer(setting: str, url: str) -> str:
    """A line such as `ROOKERY_REDIS_URL: no answer from 127.0.0.1:6379`."""
    return f"ROOKERY_{setting}: no answer from {', '.join(addresses(url))}"


def addresses(url: str) -> Sequence[str]:
    """Each host of the URL with its port; without one if neither the URL nor its scheme names it."""
    scheme, _, rest = url.partition("://")
    hosts = rest
    for mark in "/?#":
        hosts = hosts.partition(mark)[0]
    return [_with_port(host, _DEFAULT_PORTS.get(scheme)) for host in hosts.rpartition("@")[2].split(",")]


def _with_port(host: str, port: int | None) -> str:
    has_port = ":" in host.rpartition("]")[2]
    return host if has_port or port is None else f"{host}:{port}"
