"""Access tokens that last for seconds."""

from datetime import timedelta

import pytest


def shorten_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are issued from then on run out within 2 s, and not before one."""
    monkeypatch.setattr("core.auth.tokens.ACCESS_LIFETIME", timedelta(seconds=2))
