"""Lower limits in the first day of an account."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.auth.tokens import utc_now
from core.errors import RateLimitedError
from core.ids import SessionId, UserId, first_id_of, wall_ms
from core.limits import LimitedAct
from core.settings import Settings
from resolvers.identity import Identity
from resolvers.limits.admission import NEWCOMER_LIMITS, admit, charges_for
from resolvers.services import Services

HOUR_MS = 3_600_000
DEFAULTS = Settings(limit_post="300/3h", limit_follow="400/1d").act_limits  # type: ignore[arg-type]


@pytest.fixture
def gated(services: Services) -> Services:
    return replace(services, act_limits=DEFAULTS)


def person(hours_old: float) -> Identity:
    user_id = UserId(first_id_of(wall_ms() - int(hours_old * HOUR_MS)))
    return Identity(user_id, SessionId(0), utc_now() + timedelta(hours=1))


async def passed(services: Services, identity: Identity, act: LimitedAct, tries: int) -> int:
    asked = [admit(services, *charges_for(services.act_limits, identity, act)) for _ in range(tries)]
    refused = [one for one in await asyncio.gather(*asked, return_exceptions=True) if isinstance(one, BaseException)]
    assert all(isinstance(one, RateLimitedError) and one.limit == act for one in refused)
    return tries - len(refused)


@pytest.mark.parametrize("act", [LimitedAct.POST, LimitedAct.FOLLOW])
async def test_new_accounts_have_a_lower_limit_for_a_day(gated: Services, act: LimitedAct) -> None:
    lower = NEWCOMER_LIMITS[act].most
    assert await passed(gated, person(23.9), act, lower + 5) == lower
    assert await passed(gated, person(24.1), act, lower + 5) == lower + 5


async def test_limit_that_is_off_is_off_for_new_accounts_too(gated: Services) -> None:
    others = dict(DEFAULTS)
    del others[LimitedAct.POST]
    assert charges_for(replace(gated, act_limits=others).act_limits, person(1), LimitedAct.POST) == []


async def test_likes_of_new_accounts_have_the_limit_of_all(gated: Services) -> None:
    assert len(charges_for(gated.act_limits, person(1), LimitedAct.LIKE)) == 1
