"""Ranges of IP addresses that count as one client: an address of IPv4, a /64 of IPv6, which one customer gets whole.

Wide ranges count as one neighbourhood: a /24 of IPv4, a /48 of IPv6, the smallest that is sold to a company.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_ONE_CUSTOMER = 64
_WIDE_IPV4, _WIDE_IPV6 = 24, 48


@lru_cache(maxsize=4_096)
def address_range(address: str) -> str:
    """Equal for addresses of one range. IPv4 written as IPv6 is IPv4; what is no address stays as it is."""
    parsed = _parsed(address)
    if parsed is None:
        return address
    return str(parsed) if isinstance(parsed, IPv4Address) else str(IPv6Network((parsed, _ONE_CUSTOMER), strict=False))


def wide_range(address: str) -> str | None:
    """The range as text, such as 192.0.2.0/24; None for what is no address."""
    parsed = _parsed(address)
    if parsed is None:
        return None
    if isinstance(parsed, IPv4Address):
        return str(IPv4Network((parsed, _WIDE_IPV4), strict=False))
    return str(IPv6Network((parsed, _WIDE_IPV6), strict=False))


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed
