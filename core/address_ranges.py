"""Ranges of IP addresses that count as one client: an address of IPv4, a /64 of IPv6, which one customer gets whole."""

from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address

_ONE_CUSTOMER = 64


@lru_cache(maxsize=4_096)
def address_range(address: str) -> str:
    """Equal for addresses of one range. IPv4 written as IPv6 is IPv4; what is no address stays as it is."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((parsed, _ONE_CUSTOMER), strict=False))
