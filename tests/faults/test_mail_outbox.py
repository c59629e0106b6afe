"""Each mail leaves, although workers are killed and the mail server goes away in between.

A worker that is killed after the server's yes and before its own note of it sends its mail again, as the same mail:
with the same Message-ID. A mailbox keeps one of them.
"""

import asyncio
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import pytest
from pydantic import SecretStr

from core.ids import UserId, wall_ms
from core.settings import Settings
from datastore.admin.indexes import make_indexes
from datastore.jobs.jobs import SendMail
from datastore.jobs.mails import MailKind, MailRecord
from datastore.jobs.queue import enqueue
from datastore.stores import Stores, open_stores
from tests.support.mails.mail_server import PostOffice, open_post_office
from tests.support.processes.worker_processes import worker_processes
from tests.support.service import settings_for
from tests.support.stores import Stores as Servers
from tests.support.waiting import eventually
from workers.mails.smtp import CONNECTIONS

WORKERS = 2


class Plan(NamedTuple):
    mails: int
    kills: int
    outages: int


async def test_each_mail_leaves_over_kills_and_outages(stores: Servers, mongo_url: str, redis_url: str) -> None:
    await run(Plan(mails=150, kills=4, outages=1), mongo_url, redis_url)


@pytest.mark.long
async def test_thousand_mails_leave_over_twenty_kills_and_three_outages(
    stores: Servers, mongo_url: str, redis_url: str
) -> None:
    await run(Plan(mails=1_000, kills=20, outages=3), mongo_url, redis_url)


async def run(plan: Plan, mongo_url: str, redis_url: str) -> None:
    async with open_post_office() as office:
        settings = settings_for(mongo_url, redis_url, smtp_url=SecretStr(office.url), public_url="https://example.org")
        async with open_stores(settings) as opened:
            await make_indexes(opened.mongo)
            mails = [mail(opened, number) for number in range(plan.mails)]
            await break_while_sending(opened, office, settings, (plan, mails))
            assert await opened.mongo.collection("mails").count_documents({}) == 0
    expected = {f"<{each.id}@example.org>": each.to for each in mails}
    assert set(office.times) == set(expected)
    for envelope, message in office.mails:
        assert envelope.rcpt_tos == [expected[str(message["Message-ID"])]]
    again = sum(office.times.values()) - plan.mails
    print(f"{plan.mails} mails, {plan.kills} kills, {plan.outages} outages: {again} came again, as the same mail")  # noqa: T201
    assert again <= (plan.kills + plan.outages) * CONNECTIONS


async def break_while_sending(
    stores: Stores, office: PostOffice, settings: Settings, task: tuple[Plan, Sequence[MailRecord]]
) -> None:
    """Adds the mails piece by piece, so that some are on their way at each kill and each outage."""
    plan, mails = task
    random, breaks = Random(plan.kills), ["kill"] * plan.kills + ["outage"] * plan.outages
    random.shuffle(breaks)
    piece = len(mails) // (len(breaks) + 1) + 1
    async with worker_processes(settings, WORKERS) as workers:
        for number in range(len(breaks) + 1):
            some, before = mails[number * piece : (number + 1) * piece], len(office.mails)
            await stores.jobs.outbox.mails.add(None, *some)
            await enqueue(stores.jobs.redis, *[SendMail(each.id) for each in some])
            if number == len(breaks):
                break
            await eventually(lambda before=before, some=some: len(office.mails) >= before + len(some) // 2, within=60.0)  # type: ignore[misc]
            if breaks[number] == "kill":
                await asyncio.to_thread(workers.kill, random.randrange(WORKERS))
            else:
                await office.go_away()
                await enqueue(stores.jobs.redis, *[SendMail(each.id) for each in some])
                await office.open()
        await eventually(lambda: len(office.times) == len(mails), within=60.0)
        await eventually(lambda: is_empty(stores), within=30.0)


async def is_empty(stores: Stores) -> bool:
    return not await stores.jobs.outbox.mails.overdue(wall_ms() + 1_000, 1)


def mail(stores: Stores, number: int) -> MailRecord:
    to = f"person{number}@example.org"
    words = {"handle": f"person{number}"}
    return MailRecord(stores.ids(), MailKind.PASSWORD_CHANGED, UserId(number + 1), to, words=words)
