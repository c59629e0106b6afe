"""Addresses of push services (RFC 8030), which clients name: only those that lie in the public network are used.

A name is judged by its form alone; to where it leads is judged as it is connected to, by `is_public` of each address.
"""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

LONGEST_ENDPOINT: Final = 2_000
_LONGEST_NAME: Final = 253
_PORT: Final = 443
_PRINTABLE = re.compile(r"[!-~]+", re.ASCII)
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
# The last label begins with a letter: no form of an address of IPv4, such as 127.1 or 0x7f.1, is a name.
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z]){_LABEL}", re.ASCII)
# RFC 6761, RFC 6762, RFC 8375, RFC 9476, and what ICANN keeps for private networks.
_RESERVED = ("localhost", "local", "internal", "lan", "home.arpa", "test", "invalid", "example", "onion", "alt")
_LOOPBACK_NAMES = ("127.0.0.1", "::1")
# Their last four bytes are an address of IPv4: NAT64, and 6to4 after its first two.
_NAT64 = IPv6Network("64:ff9b::/96")


class EndpointError(ValueError):
    """The text tells a person what is wrong with the address."""


class Endpoint(NamedTuple):
    """`origin`: scheme, host and port as a URL, by which services are told apart and which their tokens name."""

    url: str
    origin: str
    host: str
    port: int

    @property
    def is_secure(self) -> bool:
        return self.origin.startswith("https:")


def parse_endpoint(text: str, *, allows_loopback: bool = False) -> Endpoint:
    """`allows_loopback`: also http and any port on this machine, for development. Raises EndpointError."""
    if len(text) > LONGEST_ENDPOINT:
        raise EndpointError(f"An endpoint has {LONGEST_ENDPOINT} characters at most.")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise EndpointError("This is no address of the web.") from None
    if not _PRINTABLE.fullmatch(text) or "\\" in text or not host or "@" in parts.netloc or "#" in text:
        raise EndpointError("This is no address of a push service.")
    if allows_loopback and parts.scheme in ("http", "https") and host in _LOOPBACK_NAMES and port:
        return _endpoint(text, parts.scheme, host, port)
    if parts.scheme != "https" or port not in (None, _PORT):
        raise EndpointError("An endpoint begins with https:// and names no other port than 443.")
    if not _is_public_host(host):
        raise EndpointError("An endpoint lies in the public network.")
    return _endpoint(text, "https", host, _PORT)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network; an IPv4 address inside of one of IPv6 is judged too."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in (parsed, *_inner(parsed)))


def host_of(url: str) -> str:
    """The host of an endpoint that was parsed before."""
    return urlsplit(url).hostname or ""


def is_loopback(address: str) -> bool:
    """For what `allows_loopback` allows."""
    return address in _LOOPBACK_NAMES


def _inner(parsed: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(parsed, IPv4Address):
        return []
    nat64 = IPv4Address(int(parsed) & 0xFFFFFFFF) if parsed in _NAT64 else None
    teredo = () if parsed.teredo is None else parsed.teredo
    return [one for one in (parsed.ipv4_mapped, parsed.sixtofour, nat64, *teredo) if one is not None]


def _is_public_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        is_reserved = any(host == one or host.endswith(f".{one}") for one in _RESERVED)
        return _NAME.fullmatch(host) is not None and not is_reserved and len(host) <= _LONGEST_NAME
    return is_public(host)


def _endpoint(url: str, scheme: str, host: str, port: int) -> Endpoint:
    named = f"[{host}]" if ":" in host else host
    is_default = (scheme, port) == ("https", _PORT)
    return Endpoint(url, f"{scheme}://{named}" if is_default else f"{scheme}://{named}:{port}", host, port)
