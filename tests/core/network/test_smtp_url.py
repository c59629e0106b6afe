"""URLs of mail servers."""

import pytest

from core.network.smtp_url import SmtpServer, parse_smtp_url


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail", SmtpServer("mail", 25, "", "", is_tls=False)),
        ("smtp://127.0.0.1:1025", SmtpServer("127.0.0.1", 1025, "", "", is_tls=False)),
        ("smtps://u%40x:p%3Aw@mail.example", SmtpServer("mail.example", 465, "u@x", "p:w", is_tls=True)),
        ("smtp://[::1]:25/", SmtpServer("::1", 25, "", "", is_tls=False)),
    ],
)
def test_url_names_server_and_credentials(url: str, server: SmtpServer) -> None:
    assert parse_smtp_url(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail:25",
        "http://mail",
        "smtp://",
        "smtp://:25",
        "smtp://mail:x",
        "smtp://mail:99999",
        "smtp://m/x",
        "smtp://m?x",
    ],
)
def test_wrong_url_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"^must be smtp://\[user:password@\]HOST:PORT, smtps://\.\.\., or off$"):
        parse_smtp_url(url)
