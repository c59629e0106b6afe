"""The quota of sockets that one person holds."""

from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from transport.websocket.connection_quota import ConnectionQuota, QuotaExceededError


@dataclass(frozen=True)
class Context:
    person: int | None


def test_each_person_holds_as_many_sockets_as_the_quota_allows() -> None:
    quota = ConnectionQuota(2)
    with quota.holding(Context(1)), quota.holding(Context(1)):
        with pytest.raises(QuotaExceededError), quota.holding(Context(1)):
            pass
        with quota.holding(Context(2)):
            pass


def test_a_closed_socket_frees_its_place_even_after_an_error() -> None:
    quota = ConnectionQuota(1)
    with pytest.raises(RuntimeError), quota.holding(Context(1)):
        raise RuntimeError
    with quota.holding(Context(1)):
        pass


@pytest.mark.parametrize("context", [Context(None), object()])
def test_there_is_no_quota_without_a_person(context: object) -> None:
    quota = ConnectionQuota(1)
    with ExitStack() as held:
        for _ in range(3):
            held.enter_context(quota.holding(context))
