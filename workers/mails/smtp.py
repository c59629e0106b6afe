"""Connections to the mail server, kept open and used for one mail after the other.

Failure policy: a server that is away, or wants no mail at all, is UnavailableError, and the mail waits. What a server
says about one mail defers or refuses that mail alone.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address
from time import monotonic
from typing import Final

from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPNotSupported, SMTPRecipientsRefused

from core.errors import UnavailableError
from core.network.smtp_url import SmtpServer

CONNECTIONS: Final = 10
"""Connections of one process, and so the mails that it sends at once."""
_TIMEOUT_SECONDS: Final = 30.0
# Below the five minutes after which servers end an idle connection (RFC 5321, 4.5.3.2.7).
_LONGEST_IDLE_SECONDS: Final = 60.0
_MOST_PER_CONNECTION: Final = 500
_CLOSING, _PERMANENT = 421, 500


class DeferredError(Exception):
    """The server does not take this mail at the moment."""


class MailRefusedError(Exception):
    """The server never takes this mail."""


class _Connection:
    def __init__(self, client: SMTP) -> None:
        self.client = client
        self.used_at, self.mails = monotonic(), 0

    @property
    def is_fresh(self) -> bool:
        is_young = monotonic() - self.used_at < _LONGEST_IDLE_SECONDS and self.mails < _MOST_PER_CONNECTION
        return is_young and self.client.is_connected


class MailServer:
    """Sends mails, each by a connection of its own while it is under way."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._idle: list[_Connection] = []

    async def send(self, message: bytes, *, sender: str, recipient: str) -> None:
        """Returns when the server has taken the mail. Raises UnavailableError, DeferredError or MailRefusedError."""
        connection = await self._connection()
        try:
            await _hand_over(connection.client, message, sender, recipient)
        except (DeferredError, MailRefusedError):
            self._keep(connection)
            raise
        except BaseException:
            connection.client.close()
            raise
        self._keep(connection)

    async def close(self) -> None:
        while self._idle:
            with suppress(SMTPException, OSError):
                await self._idle.pop().client.quit(timeout=1.0)

    def _keep(self, connection: _Connection) -> None:
        connection.used_at, connection.mails = monotonic(), connection.mails + 1
        self._idle.append(connection)

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_fresh:
                return connection
            connection.client.close()
        client = self._client()
        try:
            await client.connect()
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise UnavailableError("The mail server") from error
        return _Connection(client)

    def _client(self) -> SMTP:
        """A password never goes unencrypted to another machine; else TLS is used where the server offers it."""
        server = self._server
        must_encrypt = bool(server.user) and not server.is_tls and not _is_loopback(server.host)
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.is_tls,
            start_tls=True if must_encrypt else (False if server.is_tls else None),
            timeout=_TIMEOUT_SECONDS,
        )


@asynccontextmanager
async def open_mail_server(server: SmtpServer) -> AsyncIterator[MailServer]:
    """Connects lazily: a server that is away shows at the first mail."""
    opened = MailServer(server)
    try:
        yield opened
    finally:
        await opened.close()


async def _hand_over(client: SMTP, message: bytes, sender: str, recipient: str) -> None:
    """Sender and recipient by name: the library prefers the header Sender to From, and reads To by itself."""
    options = [] if recipient.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
    try:
        await client.sendmail(sender, [recipient], message, mail_options=options)
    except SMTPNotSupported as error:
        raise MailRefusedError("the server takes no addresses with letters outside ASCII") from error
    except SMTPRecipientsRefused as error:
        raise _of_code(error.recipients[0].code) from error
    except SMTPDataError as error:
        raise _of_code(error.code) from error
    except ValueError as error:  # an address that can't be sent
        raise MailRefusedError("the address can't be sent") from error
    except (SMTPException, OSError) as error:
        raise UnavailableError("The mail server") from error


def _of_code(code: int) -> Exception:
    if code == _CLOSING:
        return UnavailableError("The mail server")
    return DeferredError(str(code)) if code < _PERMANENT else MailRefusedError(str(code))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
