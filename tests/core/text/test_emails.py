"""E-mail addresses: accepted and refused spellings, and the form in which they are sent to."""

import pytest

from core.text.emails import as_sent, envelope_address, is_email

LONGEST_LOCAL = "a" * 64


@pytest.mark.parametrize(
    "email",
    [
        "alice@example.org",
        "a.b+c@example.org",
        "o'hara@example.org",
        "rook@bücher.example",
        "zoë@example.org",
        f"{LONGEST_LOCAL}@example.org",
    ],
)
def test_address_is_taken(email: str) -> None:
    assert is_email(email)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "@example.org",
        "alice@",
        ".alice@example.org",
        "alice.@example.org",
        "al..ice@example.org",
        "al ice@example.org",
        '"alice"@example.org',
        "alice@bob@example.org",
        "alice@example.org.",
        "alice@exam ple.org",
        "alice@-example.org",
        "=?utf-8?q?alice?=@example.org",
        "alice\n@example.org",
        f"{LONGEST_LOCAL}a@example.org",
        f"{'é' * 33}@example.org",
        f"{LONGEST_LOCAL}@{'.'.join(['d' * 60] * 4)}",
    ],
)
def test_text_that_no_mail_reaches_is_refused(text: str) -> None:
    assert not is_email(text)
    assert as_sent(text) == text


def test_domain_is_sent_in_ascii() -> None:
    assert envelope_address("Rook@Bücher.example") == "Rook@xn--bcher-kva.example"
    assert as_sent("rook@bücher.example") == "rook@xn--bcher-kva.example"
    with pytest.raises(ValueError, match="no e-mail address"):
        envelope_address("rook@example.org.")
