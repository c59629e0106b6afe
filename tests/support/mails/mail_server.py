"""A mail server of the tests' own, which can refuse mails and go away."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class PostOffice:
    """`answers`: what is said to a recipient in place of yes, by address. `mails`: what came, in order."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    mails: list[tuple[Envelope, Message]] = field(default_factory=list)
    connections: int = 0
    is_international: bool = True
    _server: asyncio.Server | None = None
    _open: set[SMTP] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def times(self) -> Counter[str]:
        """How often each Message-ID came."""
        return Counter(str(message["Message-ID"]) for _, message in self.mails)

    async def open(self) -> None:
        loop = asyncio.get_running_loop()

        def protocol() -> SMTP:
            smtp = SMTP(self, hostname="localhost", enable_SMTPUTF8=self.is_international, loop=loop)
            self._open.add(smtp)
            self.connections += 1
            return smtp

        self._server = await loop.create_server(protocol, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def go_away(self) -> None:
        """Ends all connections, those with a mail under way too."""
        if self._server is not None:
            self._server.close()
            for smtp in self._open:
                if isinstance(smtp.transport, asyncio.Transport):
                    smtp.transport.abort()
            self._open.clear()
            await self._server.wait_closed()
            self._server = None

    async def handle_RCPT(self, *asked: Any) -> str:  # noqa: N802 - of aiosmtpd
        _, _, envelope, address, _ = asked
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - of aiosmtpd
        assert isinstance(envelope.content, bytes)
        self.mails.append((envelope, message_from_bytes(envelope.content)))
        return "250 Taken"


@asynccontextmanager
async def open_post_office(**more: Any) -> AsyncIterator[PostOffice]:
    office = PostOffice(**more)
    await office.open()
    try:
        yield office
    finally:
        await office.go_away()
