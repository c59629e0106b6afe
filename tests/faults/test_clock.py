"""A server whose clock steps back refuses writes and is not ready, until the clock is near again; reads go on."""

import time

import pytest

from core.ids import LONGEST_STEP_BACK_MS
from tests.support.people import POST, sign_up
from tests.support.service import Service


async def test_a_clock_that_steps_back_far_makes_writes_unavailable(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, real = await sign_up(service, "alice"), time.time_ns
    await alice.post("before")
    await service.settle()

    with monkeypatch.context() as clock:
        clock.setattr(time, "time_ns", lambda: real() - 1_000_000 * (LONGEST_STEP_BACK_MS + 60_000))
        assert await alice.failed(POST, input={"text": "too early"}) == ["UNAVAILABLE"]
        ready = await service.http.get("/readyz")
        assert (ready.status_code, ready.json()["clock"]) == (503, "stepped back")
        assert await alice.home_texts() == ["before"]

    assert (await service.http.get("/readyz")).json() == {"stores": {"mongo": "ok", "redis": "ok"}}
    await alice.post("after")
    await service.settle()
    assert await alice.home_texts() == ["after", "before"]
