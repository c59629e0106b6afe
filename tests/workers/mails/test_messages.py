"""Texts of mails: headers that nobody else can write, and two parts with the same words."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from datastore.jobs.mails import MailKind
from workers.mails.messages import Letter, Sender, default_sender, message_of

SENDER = Sender("rookery@example.org", "https://example.org")
AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
WORDS = {
    "handle": "alice",
    "old": "alice",
    "new": "alison",
    "device": "a web browser",
    "when": "2026-11-30 12:00",
    "action": "removed",
    "subject_name": "one of your tweets",
    "reason": "spam",
    "explanation": "Nobody asked for it.\n\nReally nobody.",
    "until": "30 November 2026, 12:00 UTC",
    "is_granted": "",
    "answer": "We looked again.",
}
TOKEN = "T" * 43


def read(letter: Letter) -> EmailMessage:
    """The mail as another program reads it."""
    return message_from_bytes(message_of(letter, SENDER), _class=EmailMessage, policy=default)


def parts(message: EmailMessage) -> tuple[str, str]:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content().replace("\r\n", "\n"), html.get_content()


@pytest.mark.parametrize("kind", list(MailKind))
def test_each_kind_has_a_text_and_an_html_part_with_the_same_words(kind: MailKind) -> None:
    has_link = kind in (MailKind.VERIFY, MailKind.RESET, MailKind.DECISION)
    message = read(Letter(7, kind, "alice@example.org", WORDS, AT, TOKEN if has_link else None))
    text, html = parts(message)
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("<body")[2].partition(">")[2]))
    for paragraph in text.partition("\n--\n")[0].split("\n\n"):
        assert re.sub(r"\s+", " ", paragraph).strip() in shown.replace("&#39;", "'")
    assert "alic" in text
    assert "{{" not in text + html
    # No tracking: nothing is loaded, and every link leads to the server itself.
    assert not re.findall(r"<img|<script|<link|url\(", html)
    assert all(link.startswith(SENDER.public_url) for link in re.findall(r'href="([^"]+)"', html))


def test_headers_are_the_same_whenever_the_mail_is_sent() -> None:
    letter = Letter(42, MailKind.RESET, "alice@example.org", WORDS, AT, TOKEN)
    one, other = read(letter), read(letter)
    for name, value in (
        ("Message-ID", "<42@example.org>"),
        ("From", "Rookery <rookery@example.org>"),
        ("To", "alice@example.org"),
        ("Subject", "Choose a new password"),
        ("Date", "Mon, 30 Nov 2026 12:00:00 +0000"),
        ("Auto-Submitted", "auto-generated"),
    ):
        assert one[name] == other[name] == value
    link = f"https://example.org/reset#token={TOKEN}"
    assert link in parts(one)[0].splitlines()
    # Whole in the raw mail too: a link that is cut by an encoding is not clicked by everybody.
    assert message_of(letter, SENDER).decode().count(link) == 3


def test_words_of_others_are_no_markup_and_no_header() -> None:
    hostile = "<b>x</b>\r\nBcc: eve@example.org =?utf-8?q?a=0ABcc=3Aeve=40example.org?="
    message = read(Letter(1, MailKind.NEW_DEVICE, "alice@example.org", WORDS | {"device": hostile}, AT))
    assert message["Bcc"] is None
    assert message["Subject"] == "A new sign-in to your account"
    assert "<b>" not in parts(message)[1]


def test_email_decodes_encoded_words_in_a_subject() -> None:
    """The library's trap, for which no subject of ours holds words of others."""
    message = EmailMessage(policy=default)
    message["Subject"] = "=?utf-8?q?a=40b?="
    assert message["Subject"] == "a@b"


@pytest.mark.parametrize(
    ("public_url", "address"),
    [
        ("https://rookery.example:8443", "rookery@rookery.example"),
        ("http://127.0.0.1:8000", "rookery@localhost"),
        ("http://[::1]:8000", "rookery@localhost"),
    ],
)
def test_sender_without_a_setting_is_of_the_public_address(public_url: str, address: str) -> None:
    assert default_sender(public_url) == address


def test_letter_names_the_address_of_the_api_where_no_setting_does() -> None:
    words = WORDS | {"public_url": "http://127.0.0.1:8123"}
    text, html = parts(read(Letter(1, MailKind.RESET, "alice@example.org", words, AT, TOKEN)))
    assert f"http://127.0.0.1:8123/reset#token={TOKEN}" in text.splitlines()
    assert SENDER.public_url not in text + html


@pytest.mark.parametrize("address", ["a.b+c@example.org", "{a}'!#$%&*@b", "älice@xn--bcher-kva.example"])
def test_address_is_in_the_header_as_it_is(address: str) -> None:
    raw = message_of(Letter(1, MailKind.RESET, address, WORDS, AT, TOKEN), SENDER)
    assert raw.startswith(f"To: {address}\r\nContent-Type: multipart/alternative;".encode())
    assert b"\n" not in raw.replace(b"\r\n", b"")
