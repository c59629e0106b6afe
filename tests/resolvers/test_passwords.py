"""Passwords: hash parameters, the bounded thread pool, and equal work for every login."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

import core.auth.passwords
from core.devices import UNKNOWN_DEVICE
from core.errors import CodedError, ErrorCode, RefusalError, UserErrorCode
from datastore.stores import open_stores
from resolvers.accounts import sessions
from resolvers.accounts.sessions import Registration
from resolvers.passwords import Passwords
from resolvers.services import Services, open_services
from tests.support.people import unused_handle
from tests.support.service import settings_for
from tests.support.waiting import eventually

MOST_WAITING = 256


class CountingPool(ThreadPoolExecutor):
    """Counts submitted calls."""

    def __init__(self) -> None:
        super().__init__(1)
        self.jobs = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.jobs += 1
        return super().submit(fn, *args, **kwargs)


@pytest.fixture(autouse=True)
def costly(costly_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.auth.passwords, "HASHER", costly_hasher)


@pytest.fixture
def pool() -> Iterator[CountingPool]:
    with CountingPool() as pool:
        yield pool


@pytest.fixture
async def services(service_database: str, redis_url: str, pool: CountingPool) -> AsyncIterator[Services]:
    settings = settings_for(service_database, redis_url)
    async with open_stores(settings) as stores, open_services(stores, settings) as opened:
        yield replace(opened, passwords=Passwords(pool))


async def test_hash_is_argon2id_with_19_mib_and_two_passes(pool: CountingPool) -> None:
    found = extract_parameters(await Passwords(pool).hash("correct horse"))
    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (Type.ID, 19 * 1024, 2, 1)
    assert (found.salt_len, found.hash_len) == (16, 32)


async def test_only_the_password_itself_matches(pool: CountingPool) -> None:
    passwords = Passwords(pool)
    hashed = await passwords.hash("correct hörse")
    assert hashed != await passwords.hash("correct hörse")
    assert await passwords.verify(hashed, "correct hörse")
    for wrong in ("", "Correct hörse", "correct hörse ", "correct ho\u0308rse", hashed, "\0"):
        assert not await passwords.verify(hashed, wrong)


@pytest.mark.parametrize("password_hash", ["", "hash", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$", "correct horse"])
async def test_what_is_no_hash_matches_nothing(pool: CountingPool, password_hash: str) -> None:
    assert not await Passwords(pool).verify(password_hash, "correct horse")


async def test_nobody_has_no_password_though_the_same_work_is_done(pool: CountingPool) -> None:
    passwords = Passwords(pool)
    hashed = await passwords.hash("correct horse")
    before = pool.jobs
    for password in ("correct horse", "the password of nobody", ""):
        assert not await passwords.verify(None, password)
    assert pool.jobs == before + 3
    await passwords.verify(hashed, "wrong horse")
    assert pool.jobs == before + 4


async def test_signing_in_does_the_same_work_for_a_known_and_an_unknown_login(
    services: Services, pool: CountingPool
) -> None:
    handle = unused_handle("alice")
    await sessions.register(services, Registration(handle, "Alice", f"{handle}@example.org", "correct horse"))
    for login in (handle, f"{handle}@example.org", "nobody_at_all", "nobody@example.org", "no handle", ""):
        before = pool.jobs
        with pytest.raises(RefusalError) as refused:
            await sessions.login(services, login, "wrong horse", device=UNKNOWN_DEVICE, address="")
        assert pool.jobs == before + 1
        (fault,) = refused.value.errors
        assert (fault.code, fault.message) == (UserErrorCode.WRONG_CREDENTIALS, "Login or password is wrong.")


async def test_registering_does_no_work_for_what_is_refused(services: Services, pool: CountingPool) -> None:
    with pytest.raises(RefusalError):
        await sessions.register(services, Registration("no handle", "Alice", "alice@example.org", "correct horse"))
    assert pool.jobs == 0


async def test_too_many_at_once_are_refused_and_the_others_served(pool: CountingPool) -> None:
    passwords, go_on = Passwords(pool), threading.Event()
    pool.submit(go_on.wait)
    try:
        waiting = [asyncio.create_task(passwords.verify(None, "x")) for _ in range(MOST_WAITING)]
        await eventually(lambda: pool.jobs == MOST_WAITING + 1)
        with pytest.raises(CodedError) as refused:
            await passwords.hash("one too many")
        assert refused.value.code is ErrorCode.RATE_LIMITED
        for task in waiting[1:]:
            task.cancel()
        await asyncio.wait(waiting[1:])
    finally:
        go_on.set()
    assert await waiting[0] is False
    assert await passwords.verify(await passwords.hash("correct horse"), "correct horse")
