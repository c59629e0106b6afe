"""The forms in which links and addresses are compared with the operator's filters."""

import pytest

from resolvers.screening import address_pattern, host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Spam.Example/a?b=c", "spam.example"),
        ("http://spam.example:8080/", "spam.example"),
        ("spam.example", "spam.example"),
        ("www.spam.example/a", "spam.example"),
        ("https://sub.spam.example#x", "sub.spam.example"),
    ],
)
def test_host_of_a_link(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("typed", "pattern"),
    [
        ("Rook@Example.ORG", "rook@example.org"),
        (" @example.org ", "example.org"),
        ("example.org", "example.org"),
        ("\uff32ook@example.org", "rook@example.org"),
    ],
)
def test_pattern_of_an_address(typed: str, pattern: str) -> None:
    assert address_pattern(typed) == pattern
