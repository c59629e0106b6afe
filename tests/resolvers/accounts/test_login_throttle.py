"""The login throttle: limits of failures by account, address and field."""

from dataclasses import replace

import pytest

from core.errors import RateLimitedError, RefusalError, UserErrorCode
from core.rates import process_share
from datastore.embedded.stores import free_port
from datastore.stores import open_stores
from resolvers.accounts.login_throttle import ATTEMPTS_ACCOUNT, ATTEMPTS_ADDRESS, throttled_attempt
from resolvers.services import Services, open_services
from tests.support.service import settings_for

ACCOUNT, ADDRESS = "alice@example.org", "192.0.2.1"


async def attempt(
    services: Services,
    error: Exception | None,
    *,
    field: str = "login",
    account: str = ACCOUNT,
    address: str = ADDRESS,
) -> None:
    async with throttled_attempt(services, field, account, address):
        if error is not None:
            raise error


def refusal() -> RefusalError:
    return RefusalError.of(UserErrorCode.WRONG_CREDENTIALS, "Login or password is wrong.", "input")


async def fail(services: Services, times: int, **more: str) -> None:
    for _ in range(times):
        with pytest.raises(RefusalError):
            await attempt(services, refusal(), **more)


async def test_account_is_closed_after_its_failures_for_this_field_only(services: Services) -> None:
    await fail(services, ATTEMPTS_ACCOUNT)
    with pytest.raises(RateLimitedError) as raised:
        await attempt(services, None, address="192.0.2.2")
    assert raised.value.retry_after_seconds == 900
    await attempt(services, None, field="changePassword")
    await attempt(services, None, account="bob@example.org")


async def test_address_is_closed_after_failures_with_many_accounts(services: Services) -> None:
    for number in range(ATTEMPTS_ADDRESS):
        await fail(services, 1, account=f"account {number}")
    with pytest.raises(RateLimitedError):
        await attempt(services, None, account="another")
    await attempt(services, None, account="another", address="192.0.2.2")


async def test_success_and_internal_errors_do_not_count(services: Services) -> None:
    await fail(services, ATTEMPTS_ACCOUNT - 1)
    for _ in range(ATTEMPTS_ACCOUNT):
        await attempt(services, None)
        with pytest.raises(KeyError):
            await attempt(services, KeyError())
    await fail(services, 1)
    with pytest.raises(RateLimitedError):
        await attempt(services, None)


async def test_nothing_is_counted_without_rate_limits(services: Services) -> None:
    await fail(replace(services, is_rate_limited=False), 2 * ATTEMPTS_ADDRESS)
    await attempt(services, None)


async def test_redis_never_holds_the_login(services: Services) -> None:
    await fail(services, 1)
    keys = await services.stores.redis.keys("*")
    assert any(ADDRESS.encode() in key for key in keys)
    assert not any(ACCOUNT.encode() in key for key in keys)


async def test_without_redis_the_process_counts_alone_and_more_strictly(service_database: str) -> None:
    settings = settings_for(service_database, f"redis://127.0.0.1:{free_port()}")
    async with open_stores(settings) as stores, open_services(stores, settings) as services:
        for _ in range(3):
            await attempt(services, None)
        await fail(services, process_share(ATTEMPTS_ACCOUNT))
        with pytest.raises(RateLimitedError):
            await attempt(services, None, address="192.0.2.2")
        for number in range(process_share(ATTEMPTS_ADDRESS) - process_share(ATTEMPTS_ACCOUNT)):
            await fail(services, 1, account=f"account {number}")
        with pytest.raises(RateLimitedError):
            await attempt(services, None, account="another")
        await attempt(services, None, account="another", address="192.0.2.2")
