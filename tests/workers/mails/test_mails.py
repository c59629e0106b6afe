"""Handler of mails: what a mail server's answer does to a mail, and whom a mail goes to."""

from collections.abc import AsyncIterator

import pytest

from core.errors import UnavailableError
from core.ids import UserId, first_id_of, wall_ms
from core.network.smtp_url import parse_smtp_url
from datastore.jobs.mails import MailKind, MailRecord
from datastore.records.users import AccountRecord, UserRecord
from datastore.stores import Stores
from tests.support.mails.mail_server import PostOffice, open_post_office
from workers.mails.mails import Outgoing, handle
from workers.mails.messages import Sender
from workers.mails.smtp import open_mail_server

ALICE = "alice@example.org"


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with open_post_office() as office:
        yield office


@pytest.fixture
async def outgoing(office: PostOffice) -> AsyncIterator[Outgoing]:
    async with open_mail_server(parse_smtp_url(office.url)) as server:
        yield Outgoing(server, Sender("rookery@example.org", "https://example.org"))


async def posted(stores: Stores, mail: MailRecord) -> MailRecord:
    await stores.jobs.outbox.mails.add(None, mail)
    return mail


def told(stores: Stores, *, mail_id: int | None = None) -> MailRecord:
    return MailRecord(mail_id or stores.ids(), MailKind.PASSWORD_CHANGED, UserId(1), ALICE, words={"handle": "alice"})


async def test_mail_leaves_once_however_often_its_job_runs(
    opened: Stores, outgoing: Outgoing, office: PostOffice
) -> None:
    mail = await posted(opened, told(opened))
    for _ in range(3):
        await handle(opened, outgoing, mail.job)
    assert office.times == {f"<{mail.id}@example.org>": 1}
    assert await opened.jobs.outbox.mails.get(mail.id) is None


async def test_mail_waits_for_a_server_that_is_away(opened: Stores, outgoing: Outgoing, office: PostOffice) -> None:
    mail = await posted(opened, told(opened))
    await office.go_away()
    with pytest.raises(UnavailableError):
        await handle(opened, outgoing, mail.job)
    await office.open()
    await handle(opened, outgoing, mail.job)
    assert len(office.mails) == 1


async def test_mail_that_the_server_does_not_want_yet_comes_later(
    opened: Stores, outgoing: Outgoing, office: PostOffice
) -> None:
    mail = await posted(opened, told(opened))
    office.answers = {ALICE: "450 Later"}
    await handle(opened, outgoing, mail.job)
    deferred = await opened.jobs.outbox.mails.get(mail.id)
    assert deferred is not None
    assert deferred.deferrals == 1
    assert 55_000 < deferred.due_ms - wall_ms() <= 60_000
    office.answers = {}
    await handle(opened, outgoing, mail.job)  # not due
    assert office.mails == []
    assert await opened.jobs.outbox.unfinished(0, 10) == []
    await opened.jobs.outbox.mails.defer(mail.id, wall_ms() - 1)
    assert await opened.jobs.outbox.unfinished(0, 10) == [mail.job]
    await handle(opened, outgoing, mail.job)
    assert len(office.mails) == 1


async def test_mail_that_is_refused_or_deferred_for_days_is_given_up(
    opened: Stores, outgoing: Outgoing, office: PostOffice
) -> None:
    long_ago = first_id_of(wall_ms() - 5 * 86_400_000)
    for answer, mail_id in (("550 No such person", None), ("450 Later", long_ago)):
        mail = await posted(opened, told(opened, mail_id=mail_id))
        office.answers = {ALICE: answer}
        await handle(opened, outgoing, mail.job)
        assert await opened.jobs.outbox.mails.get(mail.id) is None
    assert office.mails == []


async def test_mail_whose_recipient_is_gone_does_not_leave(
    opened: Stores, outgoing: Outgoing, office: PostOffice
) -> None:
    user = UserRecord(UserId(opened.ids()), "alice", "Alice")
    await opened.users.accounts.insert(AccountRecord(user, ALICE, "hash"))
    for mail in (
        MailRecord(opened.ids(), MailKind.VERIFY, UserId(7), ALICE),
        MailRecord(opened.ids(), MailKind.VERIFY, user.id, ALICE),  # verified meanwhile
        MailRecord(opened.ids(), MailKind.RESET, words={"login": "nobody"}),
    ):
        await posted(opened, mail)
        await handle(opened, outgoing, mail.job)
        assert await opened.jobs.outbox.mails.get(mail.id) is None
    assert office.mails == []
    reset = await posted(opened, MailRecord(opened.ids(), MailKind.RESET, words={"login": ALICE}))
    await handle(opened, outgoing, reset.job)
    assert len(office.mails) == 1
