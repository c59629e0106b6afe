"""Whose pages may open a websocket."""

import pytest

from schema.transport.origins import AllowedOrigins


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "rookery.test", True),
        ("https://rookery.test", "rookery.test", True),
        ("http://rookery.test", "rookery.test:80", True),
        ("http://rookery.test:8000", "rookery.test:8000", True),
        ("http://ROOKERY.test", "rookery.TEST", True),
        ("https://app.example", "rookery.test", True),
        ("https://app.example:443", "rookery.test", True),
        ("http://app.example", "rookery.test", False),
        ("https://app.example:8443", "rookery.test", False),
        ("http://rookery.test:8001", "rookery.test:8000", False),
        ("https://evil.example", "rookery.test", False),
        ("https://rookery.test.evil.example", "rookery.test", False),
        ("https://rookery.test@evil.example", "rookery.test", False),
        ("null", "rookery.test", False),
        ("", "rookery.test", False),
        ("https://rookery.test:port", "rookery.test", False),
        ("https://rookery.test", None, False),
    ],
)
def test_own_pages_and_listed_origins_are_allowed(origin: str | None, host: str | None, *, allowed: bool) -> None:
    assert AllowedOrigins(["https://app.example"]).allow(origin, host) is allowed


def test_a_star_allows_every_origin() -> None:
    assert AllowedOrigins(["*"]).allow("https://evil.example", "rookery.test")
