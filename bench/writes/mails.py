"""Mails through a local server, and whether the time of an answer tells that an address is known."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from itertools import chain
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

import httpx
import structlog
from pydantic import SecretStr

from bench.deployment.stack import (
    running_api,
    running_program,
    running_stores,
    running_workers,
    stack_environment,
    until_listening,
)
from bench.harness.figures import Figure
from bench.harness.waiting import until
from core.auth.passwords import hash_password
from core.ids import UserId
from core.settings import Settings, VerifyEmail
from datastore.embedded.stores import free_port
from datastore.jobs.jobs import SendMail
from datastore.jobs.mails import MailKind, MailRecord
from datastore.jobs.queue import enqueue
from datastore.jobs.routing import MAIL
from datastore.records.users import AccountRecord, UserRecord
from datastore.stores import Stores, open_stores
from workers.mails.smtp import CONNECTIONS

MAILS = 1_000
GOAL = 200.0
ANSWERS = 200
_WARM_UP = 20
FURTHEST = 0.05
PASSWORD = "correct horse battery"
_RESET = "mutation($login: String!) { requestPasswordReset(login: $login) { accepted } }"
_REGISTER = """mutation($input: RegisterInput!) { register(input: $input) {
  tokens { accessToken } userErrors { code } } }"""
_LOGIN = """mutation($input: LoginInput!) { login(input: $input) { tokens { accessToken } } }"""
_CHANGE = """mutation($email: String!, $password: String!) { changeEmail(email: $email, password: $password) {
  viewer { pendingEmail } userErrors { code } } }"""


async def run() -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    port = free_port()
    async with running_stores() as urls, running_mail_server(port) as server:
        await until_listening(port, server)
        chosen = {"smtp_url": SecretStr(f"smtp://127.0.0.1:{port}"), "verify_email": VerifyEmail.REQUIRED}
        settings = urls.model_copy(update=chosen)
        async with open_stores(settings) as stores:
            sent = await _mails_a_second(stores, settings)
            async with running_api(settings) as url, httpx.AsyncClient(base_url=url, timeout=60.0) as http:
                known = await _people(stores)
                times = await _times(http, known)
    passed = "met" if sent >= GOAL else "missed"
    return [
        Figure("mails", f"{MAILS:,} mails, {CONNECTIONS} connections", f"{sent:.0f} a second", f"{GOAL:.0f}: {passed}"),
        *[_figure(name, *pair) for name, pair in times.items()],
    ]


def running_mail_server(port: int) -> AbstractAsyncContextManager[Any]:
    return running_program(sys.executable, "-m", "bench.harness.mail_server", str(port), environment=_environment())


def _environment() -> Mapping[str, str]:
    return stack_environment(Settings(mongo_url=None))


async def send_mails(stores: Stores, count: int) -> float:
    """So many a second, from the outbox to the server's yes."""
    mails = [
        MailRecord(stores.ids(), MailKind.PASSWORD_CHANGED, UserId(1), f"p{n}@example.org", words={"handle": "p"})
        for n in range(count)
    ]
    await stores.jobs.outbox.mails.add(None, *mails)
    began = perf_counter()
    await enqueue(stores.jobs.redis, *[SendMail(mail.id) for mail in mails])
    await until(lambda: _all_left(stores))
    return count / (perf_counter() - began)


async def _mails_a_second(stores: Stores, settings: Settings) -> float:
    """The worker runs before the first mail."""
    async with running_workers(settings, MAIL):
        await send_mails(stores, CONNECTIONS)
        return await send_mails(stores, MAILS)


async def _all_left(stores: Stores) -> bool:
    return await stores.mongo.collection("mails").find_one({}, {"_id": 1}) is None


async def _people(stores: Stores) -> list[str]:
    """Addresses of verified accounts; "asker" is another one."""
    password_hash = hash_password(PASSWORD)
    names = [f"known_{number}" for number in range(_WARM_UP + ANSWERS)]
    for name in ["asker", *names]:
        user = UserRecord(UserId(stores.ids()), name, name)
        await stores.users.accounts.insert(AccountRecord(user, f"{name}@example.org", password_hash))
    return [f"{name}@example.org" for name in names]


async def _times(http: httpx.AsyncClient, known: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Medians of milliseconds for known and unknown addresses, which take turns at random."""
    signing = {"input": {"login": "asker", "password": PASSWORD}}
    token = (await _post(http, _LOGIN, signing)).json()["data"]["login"]["tokens"]["accessToken"]
    asking: dict[str, Callable[[str], tuple[str, dict[str, Any]]]] = {
        "requestPasswordReset": lambda email: (_RESET, {"login": email}),
        "register": lambda email: (_REGISTER, {"input": _registration(email)}),
        "changeEmail": lambda email: (_CHANGE, {"email": email, "password": PASSWORD}),
    }
    return {name: await _medians(http, request, known, token) for name, request in asking.items()}


async def _medians(
    http: httpx.AsyncClient, request: Callable[[str], tuple[str, dict[str, Any]]], known: Sequence[str], token: str
) -> tuple[float, float]:
    """Both kinds of an address come one after the other, in an order by chance, so that a busy moment slows both."""
    random, times = Random(1), dict[bool, list[float]]({True: [], False: []})
    pairs = [[(email, True), (email.replace("known", "other"), False)] for email in known]
    for pair in pairs:
        random.shuffle(pair)
    for email, is_known in chain.from_iterable(pairs):
        began = perf_counter()
        answer = await _post(http, *request(email), token)
        times[is_known].append((perf_counter() - began) * 1000)
        assert "errors" not in answer.json(), answer.json()
        assert not any(payload.get("userErrors") for payload in answer.json()["data"].values()), answer.json()
    return median(times[True][_WARM_UP:]), median(times[False][_WARM_UP:])


def _registration(email: str) -> dict[str, str]:
    handle = email.partition("@")[0].replace("known", "a").replace("other", "b")
    return {"handle": handle, "name": "x", "email": email, "password": PASSWORD}


async def _post(
    http: httpx.AsyncClient, document: str, variables: Mapping[str, Any], token: str | None = None
) -> httpx.Response:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return await http.post("/graphql", json={"query": document, "variables": variables}, headers=headers)


def _figure(name: str, known: float, unknown: float) -> Figure:
    apart = abs(known / unknown - 1)
    passed = "met" if apart <= FURTHEST else "missed"
    medians = f"{known:.2f} and {unknown:.2f} ms"
    return Figure(
        "mails", f"{name}, known and unknown address", medians, f"{FURTHEST:.0%}: {passed}", f"{apart:.1%} apart"
    )
