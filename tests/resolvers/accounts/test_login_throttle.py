"""The login throttle: limits of failures by what was typed, by address, field and known device."""

from dataclasses import replace

import pytest

from core.errors import RateLimitedError, RefusalError, UserErrorCode
from core.rates import process_share
from datastore.embedded.stores import free_port
from datastore.stores import open_stores
from resolvers.accounts.login_throttle import ATTEMPTS_ADDRESS, ATTEMPTS_EVERYWHERE, throttled_attempt
from resolvers.services import Services, open_services
from tests.support.service import settings_for

TYPED, ADDRESS = "alice@example.org", "192.0.2.1"


async def attempt(
    services: Services,
    error: Exception | None,
    *,
    field: str = "login",
    typed: str = TYPED,
    address: str = ADDRESS,
    known_device: str | None = None,
) -> None:
    async with throttled_attempt(services, field, typed, address, known_device=known_device):
        if error is not None:
            raise error


def refusal() -> RefusalError:
    return RefusalError.of(UserErrorCode.WRONG_CREDENTIALS, "Login or password is wrong.", "input")


async def fail(services: Services, times: int, **more: str) -> None:
    for _ in range(times):
        with pytest.raises(RefusalError):
            await attempt(services, refusal(), **more)


async def refused(services: Services, **more: str) -> RateLimitedError:
    with pytest.raises(RateLimitedError) as raised:
        await attempt(services, None, **more)
    return raised.value


async def test_what_was_typed_is_closed_for_the_range_of_addresses_that_failed(services: Services) -> None:
    await fail(services, ATTEMPTS_ADDRESS, address="2001:db8::1")
    error = await refused(services, address="2001:db8::ffff:1")
    assert (error.limit, 890 < error.retry_after_seconds <= 900) == ("SIGN_IN", True)
    await attempt(services, None, address="2001:db8:0:1::1")
    await attempt(services, None, address="2001:db8::1", field="changePassword")
    await attempt(services, None, address="2001:db8::1", typed="alice")


async def test_what_was_typed_is_closed_for_all_after_failures_from_everywhere(services: Services) -> None:
    for number in range(ATTEMPTS_EVERYWHERE):
        await fail(services, 1, address=f"192.0.2.{number}")
    assert (await refused(services, address="198.51.100.1")).limit == "SIGN_IN"
    await attempt(services, None, typed="bob@example.org")


async def test_known_device_is_not_shut_out_by_others_and_has_attempts_of_its_own(services: Services) -> None:
    await fail(services, ATTEMPTS_ADDRESS)
    for number in range(ATTEMPTS_EVERYWHERE - ATTEMPTS_ADDRESS):
        await fail(services, 1, address=f"198.51.100.{number}")
    await refused(services)
    await fail(services, ATTEMPTS_EVERYWHERE, known_device="phone")
    await refused(services, known_device="phone")
    await attempt(services, None, known_device="tablet")


async def test_success_and_internal_errors_do_not_count(services: Services) -> None:
    await fail(services, ATTEMPTS_ADDRESS - 1)
    for _ in range(ATTEMPTS_ADDRESS):
        await attempt(services, None)
        with pytest.raises(KeyError):
            await attempt(services, KeyError())
    await fail(services, 1)
    await refused(services)


async def test_nothing_is_counted_without_rate_limits(services: Services) -> None:
    await fail(replace(services, is_rate_limited=False), 2 * ATTEMPTS_EVERYWHERE)
    await attempt(services, None)


async def test_redis_never_holds_the_login(services: Services) -> None:
    await fail(services, 1)
    keys = await services.stores.redis.keys("*")
    assert any(ADDRESS.encode() in key for key in keys)
    assert not any(TYPED.encode() in key for key in keys)


async def test_without_redis_the_process_counts_alone_and_more_strictly(service_database: str) -> None:
    settings = settings_for(service_database, f"redis://127.0.0.1:{free_port()}")
    async with open_stores(settings) as stores, open_services(stores, settings) as services:
        for _ in range(3):
            await attempt(services, None)
        await fail(services, process_share(ATTEMPTS_ADDRESS))
        assert (await refused(services)).limit == "SIGN_IN"
        for number in range(process_share(ATTEMPTS_EVERYWHERE) - process_share(ATTEMPTS_ADDRESS)):
            await fail(services, 1, address=f"198.51.100.{number}")
        await refused(services, address="192.0.2.2")
        await attempt(services, None, typed="another")
