"""The mail server: connections that serve again, and what its answers mean."""

from email.message import EmailMessage
from email.policy import SMTPUTF8

import pytest

from core.errors import UnavailableError
from core.network.smtp_url import SmtpServer, parse_smtp_url
from tests.support.mails.mail_server import PostOffice, open_post_office
from workers.mails.smtp import DeferredError, MailRefusedError, MailServer, open_mail_server

ALICE, SENDER = "alice@example.org", "rookery@example.org"


def message(to: str = ALICE) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Message-ID"] = SENDER, to, "<1@example.org>"
    made.set_content("hello")
    return made


async def sent(server: MailServer, to: str = ALICE) -> None:
    await server.send(message(to).as_bytes(policy=SMTPUTF8), sender=SENDER, recipient=to)


async def test_envelope_is_as_told_whatever_the_headers_say() -> None:
    """Aiosmtplib alone prefers Sender to From, and sends to To though Resent-To is there."""
    misleading = message("eve@example.org")
    misleading["Sender"], misleading["Resent-To"] = "mallory@example.org", "trent@example.org"
    async with open_post_office() as office, open_mail_server(parse_smtp_url(office.url)) as server:
        await server.send(misleading.as_bytes(), sender=SENDER, recipient=ALICE)
    ((envelope, _),) = office.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, [ALICE])


async def test_connection_serves_for_the_next_mail_after_a_refusal_too() -> None:
    async with open_post_office() as office, open_mail_server(parse_smtp_url(office.url)) as server:
        office.answers = {"bob@example.org": "450 Later", "carol@example.org": "550 No such person"}
        await sent(server)
        with pytest.raises(DeferredError):
            await sent(server, "bob@example.org")
        with pytest.raises(MailRefusedError):
            await sent(server, "carol@example.org")
        await sent(server)
        assert (len(office.mails), office.connections) == (2, 1)


async def test_server_that_goes_away_and_comes_back_serves_again() -> None:
    async with open_post_office() as office, open_mail_server(parse_smtp_url(office.url)) as server:
        await sent(server)
        await office.go_away()
        for _ in range(2):
            with pytest.raises(UnavailableError):
                await sent(server)
        await office.open()
        await sent(server)
        assert len(office.mails) == 2


async def test_server_that_closes_the_service_is_away() -> None:
    async with open_post_office() as office, open_mail_server(parse_smtp_url(office.url)) as server:
        office.answers = {ALICE: "421 Closing"}
        with pytest.raises(UnavailableError):
            await sent(server)


async def test_international_address_needs_a_server_that_knows_them() -> None:
    office: PostOffice
    for is_international in (True, False):
        async with (
            open_post_office(is_international=is_international) as office,
            open_mail_server(parse_smtp_url(office.url)) as server,
        ):
            if is_international:
                await sent(server, "älice@example.org")
                assert office.mails[0][0].rcpt_tos == ["älice@example.org"]
                continue
            with pytest.raises(MailRefusedError):
                await sent(server, "älice@example.org")


async def test_password_goes_to_no_other_machine_in_the_clear() -> None:
    """The server offers no TLS. It is on this machine, but by an address that does not say so."""
    async with open_post_office() as office:
        there = SmtpServer("0.0.0.0", office.port, "user", "secret", is_tls=False)  # noqa: S104 - to connect to
        async with open_mail_server(there) as server:
            with pytest.raises(UnavailableError):
                await sent(server)
    assert office.mails == []
