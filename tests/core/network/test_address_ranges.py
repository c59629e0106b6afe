"""Ranges of addresses that count as one client."""

import pytest

from core.network.address_ranges import address_range, wide_range


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_ipv6_counts_by_64_bits_and_ipv4_whole(address: str, expected: str) -> None:
    assert address_range(address) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", None),
        ("testclient", None),
    ],
)
def test_neighbourhoods_are_24_bits_of_ipv4_and_48_of_ipv6(address: str, expected: str | None) -> None:
    assert wide_range(address) == expected
