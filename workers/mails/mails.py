"""Handler of the queue of mails: hands each mail of the outbox to the mail server.

A mail leaves once, but for a worker that dies between the server's yes and the deletion from the outbox, some
microseconds later: the mail then leaves again with the same Message-ID. A server that is away is waited for.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from core.ids import ms_of, wall_ms
from core.network.smtp_url import parse_smtp_url
from core.runtime.metrics import MAILS
from core.settings import Settings
from core.text.emails import envelope_address, is_email
from datastore.jobs.jobs import Job, SendMail
from datastore.jobs.mails import MailRecord
from datastore.jobs.routing import MAIL
from datastore.stores import Stores
from workers.consumer.runner import CLAIM_IDLE_MS, Runner
from workers.mails.catcher import running_catcher
from workers.mails.letters import letter_of
from workers.mails.messages import Letter, Sender, default_sender, message_of
from workers.mails.sign_ups import delete_expired_sign_ups
from workers.mails.smtp import CONNECTIONS, DeferredError, MailRefusedError, MailServer, open_mail_server

DEFAULT_PUBLIC_URL: Final = "http://127.0.0.1:8000"
_MINUTE_MS: Final = 60_000
_LONGEST_DEFERRAL_MS: Final = 60 * _MINUTE_MS
_GIVEN_UP_AFTER_MS: Final = timedelta(days=4) // timedelta(milliseconds=1)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outgoing:
    server: MailServer
    sender: Sender


async def run(stores: Stores, settings: Settings, stop: asyncio.Event, *, claim_idle_ms: int = CLAIM_IDLE_MS) -> None:
    """Until `stop` is set. Does nothing where mail is off."""
    if not settings.is_mail_on:
        await stop.wait()
        return
    async with open_outgoing(stores, settings) as outgoing:
        runner = Runner(
            stores.jobs, MAIL, partial(handle, stores, outgoing), claim_idle_ms=claim_idle_ms, at_once=CONNECTIONS
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(delete_expired_sign_ups(stores, stop))
            await runner.run(stop)


@asynccontextmanager
async def open_outgoing(stores: Stores, settings: Settings) -> AsyncIterator[Outgoing]:
    """The mail server of the settings, or a catcher that runs meanwhile."""
    public_url = settings.public_url or DEFAULT_PUBLIC_URL
    sender = Sender(settings.mail_from or default_sender(public_url), public_url)
    if settings.smtp_url is not None:
        async with open_mail_server(parse_smtp_url(settings.smtp_url.get_secret_value())) as server:
            yield Outgoing(server, sender)
        return
    async with running_catcher(stores.jobs.caught_mails) as caught, open_mail_server(caught) as server:
        yield Outgoing(server, sender)


async def handle(stores: Stores, outgoing: Outgoing, job: Job) -> None:
    """Raises UnavailableError while the mail server is away."""
    if not isinstance(job, SendMail):
        raise TypeError(f"no job of this queue: {job!r}")
    mail = await stores.jobs.outbox.mails.get(job.act_id)
    if mail is None or (mail.deferrals and mail.due_ms > wall_ms()):
        return
    letter = await letter_of(stores, mail)
    if letter is None or await _has_left(stores, outgoing, mail, letter):
        await stores.jobs.outbox.mails.delete(mail.id)


async def _has_left(stores: Stores, outgoing: Outgoing, mail: MailRecord, letter: Letter) -> bool:
    """Whether nothing is left to do: the mail has left, or never will. False for a mail that is deferred."""
    try:
        await _send(outgoing, letter)
    except MailRefusedError as error:
        _count(mail, "refused", str(error))
        return True
    except DeferredError as error:
        if wall_ms() - ms_of(mail.id) > _GIVEN_UP_AFTER_MS:
            _count(mail, "refused", str(error))
            return True
        pause_ms = min(_MINUTE_MS << min(mail.deferrals, 10), _LONGEST_DEFERRAL_MS)
        await stores.jobs.outbox.mails.defer(mail.id, wall_ms() + pause_ms)
        _count(mail, "deferred", str(error))
        return False
    MAILS.labels(mail.kind, "sent").inc()
    return True


async def _send(outgoing: Outgoing, letter: Letter) -> None:
    """Raises MailRefusedError for an address of older rules that no mail could have."""
    if not is_email(letter.to):
        raise MailRefusedError("the address can't be sent")
    message, sender = message_of(letter, outgoing.sender), outgoing.sender.address
    await outgoing.server.send(message, sender=sender, recipient=envelope_address(letter.to))


def _count(mail: MailRecord, outcome: str, reason: str) -> None:
    """The address is not logged."""
    MAILS.labels(mail.kind, outcome).inc()
    _log.warning(f"mail {outcome}", mail=mail.id, kind=str(mail.kind), reason=reason)
