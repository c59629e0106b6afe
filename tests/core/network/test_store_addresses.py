"""Lines about stores that do not answer."""

import pytest

from core.network.store_addresses import no_answer


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("mongodb://127.0.0.1:27018/rookery?replicaSet=rs0", "127.0.0.1:27018"),
        ("mongodb://db.example/rookery", "db.example:27017"),
        ("mongodb://me:s3cret@one:1,two,[::1]:3/rookery", "one:1, two:27017, [::1]:3"),
        ("mongodb://[::1]/rookery", "[::1]:27017"),
        ("mongodb+srv://me:s3cret@db.example/rookery", "db.example"),
        ("redis://:s3cret@cache.example", "cache.example:6379"),
        ("rediss://cache.example:6380/0", "cache.example:6380"),
        ("redis+cluster://:s3cret@a:7000,b:7001", "a:7000, b:7001"),
    ],
)
def test_line_has_setting_hosts_and_ports_and_no_password(url: str, where: str) -> None:
    assert no_answer("MONGO_URL", url) == f"ROOKERY_MONGO_URL: no answer from {where}"
