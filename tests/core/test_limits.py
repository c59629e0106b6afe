"""Limits of acts as settings state them."""

import pytest

from core.limits import Limit, parse_limit
from core.settings import Settings, Switch


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("5/1h", Limit(5, 3_600_000)),
        ("300/3h", Limit(300, 3 * 3_600_000)),
        (" 1/30S ", Limit(1, 30_000)),
        ("20/m", Limit(20, 60_000)),
        ("400/1d", Limit(400, 86_400_000)),
        ("off", None),
        ("OFF", None),
    ],
)
def test_a_limit_is_a_number_and_a_time(text: str, limit: Limit | None) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize("text", ["", "on", "5", "5/", "0/1h", "5/0h", "-1/1h", "5/31d", "100001/1h", "5/1w", "٥/1h"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as 5/1h"):
        parse_limit(text)


def test_rate_limit_off_turns_all_limits_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOKERY_LIMIT_POST", "10/1m")
    monkeypatch.setenv("ROOKERY_LIMIT_LIKE", "off")
    settings = Settings()
    limits = settings.act_limits
    assert limits["POST"] == Limit(10, 60_000)  # type: ignore[index]
    assert "LIKE" not in limits
    assert limits["SIGN_UP"] == Limit(5, 3_600_000)  # type: ignore[index]
    assert settings.model_copy(update={"rate_limit": Switch.OFF}).act_limits == {}
