"""Catcher of dev: a mail server of our own on the loopback interface, which keeps mails for the page /mail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as email_policy
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from core.auth.tokens import utc_now
from core.errors import UnavailableError
from core.network.smtp_url import SmtpServer
from datastore.jobs.caught_mails import CaughtMail, CaughtMailStore

_HOST: Final = "127.0.0.1"


class Catcher:
    """Handler of aiosmtpd. A mail is answered for once it is stored."""

    def __init__(self, mails: CaughtMailStore) -> None:
        self._mails = mails

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - of aiosmtpd
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        message = message_from_bytes(raw, _class=EmailMessage, policy=email_policy)
        try:
            for recipient in envelope.rcpt_tos:
                await self._mails.insert(_caught(message, recipient))
        except UnavailableError:
            return "451 The database is away"
        return "250 Caught"


@asynccontextmanager
async def running_catcher(mails: CaughtMailStore) -> AsyncIterator[SmtpServer]:
    """Listens on a free port."""
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(Catcher(mails), hostname="localhost", enable_SMTPUTF8=True, loop=loop)

    server = await loop.create_server(protocol, _HOST, 0)
    try:
        yield SmtpServer(_HOST, server.sockets[0].getsockname()[1], "", "", is_tls=False)
    finally:
        server.close()
        await server.wait_closed()


def _caught(message: EmailMessage, recipient: str) -> CaughtMail:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return CaughtMail(
        message_id=f"{message['Message-ID']} {recipient}",
        to=recipient,
        subject=str(message["Subject"] or ""),
        text="" if text is None else text.get_content(),
        html="" if html is None else html.get_content(),
        at=utc_now(),
    )
