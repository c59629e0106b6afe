"""The quota of sockets and streams that one person holds, and one range of addresses without a person."""

from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
from starlette.requests import HTTPConnection

from transport.limits.connection_quota import ConnectionQuota, QuotaExceededError
from transport.limits.limits import DEFAULT_LIMITS


@dataclass(frozen=True)
class Context:
    person: int | None


def at(address: str) -> HTTPConnection:
    return HTTPConnection({"type": "http", "client": (address, 1)})


HERE = at("192.0.2.1")


def test_each_person_holds_as_many_sockets_as_the_quota_allows() -> None:
    quota = ConnectionQuota(replace(DEFAULT_LIMITS, sockets_per_person=2))
    with quota.holding(Context(1), HERE), quota.holding(Context(1), at("192.0.2.2")):
        with pytest.raises(QuotaExceededError), quota.holding(Context(1), HERE):
            pass
        with quota.holding(Context(2), HERE):
            pass


def test_a_closed_socket_frees_its_place_even_after_an_error() -> None:
    quota = ConnectionQuota(replace(DEFAULT_LIMITS, sockets_per_person=1))
    with pytest.raises(RuntimeError), quota.holding(Context(1), HERE):
        raise RuntimeError
    with quota.holding(Context(1), HERE):
        pass


@pytest.mark.parametrize("context", [Context(None), object()])
def test_strangers_of_one_range_of_addresses_hold_20_together(context: object) -> None:
    quota = ConnectionQuota(DEFAULT_LIMITS)
    with ExitStack() as held:
        for number in range(20):
            held.enter_context(quota.holding(context, at(f"2001:db8::{number}")))
        with pytest.raises(QuotaExceededError), quota.holding(context, at("2001:db8::ffff")):
            pass
        held.enter_context(quota.holding(context, at("2001:db8:0:1::1")))
        held.enter_context(quota.holding(Context(1), at("2001:db8::1")))
    with quota.holding(context, at("2001:db8::1")):
        pass
