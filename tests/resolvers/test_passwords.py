"""Passwords: hash parameters, bounded queues with shares, and equal work for every login."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

import core.auth.passwords
from core.devices import UNKNOWN_DEVICE
from core.errors import CodedError, ErrorCode, RateLimitedError, RefusalError, UserErrorCode
from datastore.stores import open_stores
from resolvers.accounts import sessions
from resolvers.accounts.registration import Registration, register
from resolvers.passwords import MOST_FROM_ONE_ADDRESS, MOST_WAITING, Passwords, Purpose
from resolvers.services import Services, open_services
from tests.support.people import unused_handle
from tests.support.service import settings_for
from tests.support.waiting import eventually

HOME = "192.0.2.1"


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
        yield replace(opened, passwords=Passwords(pool, threads=1))


async def hashed_of(passwords: Passwords, password: str) -> str:
    return await passwords.hash(password, Purpose.SIGN_UP, address=HOME)


async def test_hash_is_argon2id_with_19_mib_and_two_passes(pool: CountingPool) -> None:
    found = extract_parameters(await hashed_of(Passwords(pool), "correct horse"))
    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (Type.ID, 19 * 1024, 2, 1)
    assert (found.salt_len, found.hash_len) == (16, 32)


async def test_only_the_password_itself_matches(pool: CountingPool) -> None:
    passwords = Passwords(pool)
    hashed = await hashed_of(passwords, "correct hörse")
    assert hashed != await hashed_of(passwords, "correct hörse")
    assert await passwords.verify(hashed, "correct hörse", address=HOME)
    for wrong in ("", "Correct hörse", "correct hörse ", "correct horse", hashed, "\0"):
        assert not await passwords.verify(hashed, wrong, address=HOME)


@pytest.mark.parametrize("password_hash", ["", "hash", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$", "correct horse"])
async def test_what_is_no_hash_matches_nothing(pool: CountingPool, password_hash: str) -> None:
    assert not await Passwords(pool).verify(password_hash, "correct horse", address=HOME)


async def test_hash_with_its_parameters_in_another_order_matches_nothing(pool: CountingPool) -> None:
    """argon2 reads such a hash, and cannot verify it."""
    passwords = Passwords(pool)
    hashed = await hashed_of(passwords, "correct horse")
    other = hashed.replace("m=19456,t=2,p=1", "t=2,m=19456,p=1")
    assert other != hashed
    assert not await passwords.verify(other, "correct horse", address=HOME)


async def test_nobody_has_no_password_though_the_same_work_is_done(pool: CountingPool) -> None:
    passwords = Passwords(pool)
    hashed = await hashed_of(passwords, "correct horse")
    before = pool.jobs
    for password in ("correct horse", "the password of nobody", ""):
        assert not await passwords.verify(None, password, address=HOME)
    assert pool.jobs == before + 3
    await passwords.verify(hashed, "wrong horse", address=HOME)
    assert pool.jobs == before + 4


async def test_signing_in_does_the_same_work_for_a_known_and_an_unknown_login(
    services: Services, pool: CountingPool
) -> None:
    handle = unused_handle("alice")
    await register(services, Registration(handle, "Alice", f"{handle}@example.org", "correct horse"), address="")
    for login in (handle, f"{handle}@example.org", "nobody_at_all", "nobody@example.org", "no handle", ""):
        before = pool.jobs
        with pytest.raises(RefusalError) as refused:
            await sessions.login(services, login, "wrong horse", device=UNKNOWN_DEVICE, address="")
        assert pool.jobs == before + 1
        (fault,) = refused.value.errors
        assert (fault.code, fault.message) == (UserErrorCode.WRONG_CREDENTIALS, "Login or password is wrong.")


async def test_registering_does_no_work_for_what_is_refused(services: Services, pool: CountingPool) -> None:
    wanted = Registration("no handle", "Alice", "alice@example.org", "correct horse")
    with pytest.raises(RefusalError):
        await register(services, wanted, address=HOME)
    assert pool.jobs == 0


async def test_flood_from_one_address_ends_at_its_share_and_holds_nobody_up(pool: CountingPool) -> None:
    passwords = Passwords(pool, threads=1)
    with held(pool) as go_on:
        running = asyncio.create_task(passwords.verify(None, "x", address="2001:db8::1"))
        await eventually(lambda: pool.jobs == 2)
        flood = [
            asyncio.create_task(passwords.verify(None, "x", address=f"2001:db8::{number}"))
            for number in range(MOST_FROM_ONE_ADDRESS + 5)
        ]
        refused, waiting = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
        assert len(waiting) == MOST_FROM_ONE_ADDRESS
        for task in refused:
            error = task.exception()
            assert isinstance(error, RateLimitedError)
            assert error.retry_after_seconds == 3
        others = [
            asyncio.create_task(passwords.verify(None, "x", address="192.0.2.7")),
            asyncio.create_task(hashed_of(passwords, "correct horse")),
        ]
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.wait(others)
        # One call of the flood may run before each of theirs.
        assert sum(task.done() for task in flood) - len(refused) <= 3
        await asyncio.gather(running, *others, *waiting)


async def test_floods_from_many_addresses_leave_a_place_for_another(pool: CountingPool) -> None:
    passwords = Passwords(pool, threads=1)
    with held(pool) as go_on:
        flood = [
            asyncio.create_task(passwords.verify(None, "x", address=f"192.0.2.{number % 16}"))
            for number in range(MOST_WAITING + 1)
        ]
        await eventually(lambda: pool.jobs == 2)
        other = asyncio.create_task(passwords.verify(None, "x", address="198.51.100.1"))
        (lost,), _ = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
        assert isinstance(lost.exception(), RateLimitedError)
        left = [task for task in flood if task is not lost]
        for task in left[1:]:
            task.cancel()
        await asyncio.wait(left[1:])
        go_on.set()
        assert await other is False
        assert await left[0] is False


async def test_without_limits_one_address_may_fill_the_queue_and_no_more(pool: CountingPool) -> None:
    passwords = Passwords(pool, threads=1, is_shared_out=False)
    with held(pool) as go_on:
        waiting = [asyncio.create_task(passwords.verify(None, "x", address=HOME)) for _ in range(MOST_WAITING + 1)]
        await eventually(lambda: pool.jobs == 2)
        with pytest.raises(CodedError) as refused:
            await passwords.verify(None, "one too many", address=HOME)
        assert refused.value.code is ErrorCode.RATE_LIMITED
        for task in waiting[1:]:
            task.cancel()
        await asyncio.wait(waiting[1:])
        go_on.set()
        assert await waiting[0] is False
    assert await passwords.verify(await hashed_of(passwords, "correct horse"), "correct horse", address=HOME)


@contextmanager
def held(pool: CountingPool) -> Iterator[threading.Event]:
    """The pool's only thread does nothing until the event is set."""
    go_on = threading.Event()
    pool.submit(go_on.wait)
    try:
        yield go_on
    finally:
        go_on.set()
