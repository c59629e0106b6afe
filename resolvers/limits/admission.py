"""Admission of limited acts: counted before they are done, given back if they were not.

While Redis is away this process counts alone, more strictly, and a metric tells how often; nobody signs up then.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from math import ceil

from core.errors import RateLimitedError, UnavailableError
from core.ids import ms_of, wall_ms
from core.limits import ActCharge, Limit, LimitedAct, user_subject
from core.rates import Charge
from core.runtime.metrics import ACTS_REFUSED, DECIDED_ALONE
from datastore.limits.acts import NEWCOMER
from resolvers.identity import Identity
from resolvers.services import Services

_DAY_MS = 24 * 3_600_000
NEWCOMER_LIMITS = {LimitedAct.POST: Limit(30, _DAY_MS), LimitedAct.FOLLOW: Limit(50, _DAY_MS)}
"""Lower limits of an account in its first day."""
_NOUNS = {
    LimitedAct.SIGN_UP: "sign-ups from here",
    LimitedAct.POST: "posts",
    LimitedAct.FOLLOW: "follows",
    LimitedAct.MENTION: "mentions of people who do not follow you",
    LimitedAct.LIKE: "likes",
    LimitedAct.REPORT: "reports",
    LimitedAct.SIGN_IN: "failed attempts",
}


class Admission:
    """Acts that were counted."""

    def __init__(self, services: Services, charges: Sequence[ActCharge], noted_ms: int | None) -> None:
        """`noted_ms` is None if this process counted alone."""
        self._services, self._charges, self._noted_ms = services, charges, noted_ms

    async def give_back(self) -> None:
        """Call once if the acts changed nothing."""
        if not self._charges:
            return
        if self._noted_ms is None:
            self._services.process_limiter.give_back(*map(_alone, self._charges))
            return
        try:
            await self._services.stores.limits.acts.give_back(self._charges, self._noted_ms)
        except UnavailableError:
            DECIDED_ALONE.labels("forgiving").inc()


@asynccontextmanager
async def admitted(services: Services, *charges: ActCharge) -> AsyncIterator[Admission]:
    """Counts the acts of the block, which have one subject; none of them if the block raises.

    Raises RateLimitedError, and counts nothing, if one limit is reached.
    """
    admission = await admit(services, *charges)
    try:
        yield admission
    except BaseException:
        await admission.give_back()
        raise


async def admit(services: Services, *charges: ActCharge) -> Admission:
    """Raises RateLimitedError, and counts nothing, if one limit is reached."""
    if not charges:
        return Admission(services, charges, None)
    try:
        decision = await services.stores.limits.acts.take(charges)
    except UnavailableError:
        return _admit_alone(services, charges)
    if decision.refused_by is not None:
        raise limit_reached(decision.refused_by, decision.wait_ms)
    return Admission(services, charges, decision.noted_ms)


def charges_for(act_limits: Mapping[LimitedAct, Limit], identity: Identity, act: LimitedAct) -> list[ActCharge]:
    """One act of the viewer under its limit, and under that of new accounts; none if the limit is off."""
    limit = act_limits.get(act)
    if limit is None:
        return []
    charges = [ActCharge(act, user_subject(identity.user_id), limit)]
    if act in NEWCOMER_LIMITS and wall_ms() - ms_of(identity.user_id) < _DAY_MS:
        charges.append(charges[0]._replace(limit=NEWCOMER_LIMITS[act], name=NEWCOMER))
    return charges


def limit_reached(charge: ActCharge, wait_ms: float) -> RateLimitedError:
    ACTS_REFUSED.labels(charge.act).inc()
    seconds = max(ceil(wait_ms / 1_000), 1)
    return RateLimitedError(f"Too many {_NOUNS[charge.act]}. Try again in {seconds} s.", seconds, charge.act)


def _admit_alone(services: Services, charges: Sequence[ActCharge]) -> Admission:
    if charges[0].act is LimitedAct.SIGN_UP:
        raise UnavailableError("Signing up")
    DECIDED_ALONE.labels(charges[0].act).inc()
    decision = services.process_limiter.spend(*map(_alone, charges))
    if not decision.is_allowed:
        raise limit_reached(charges[0], decision.wait_us / 1_000)
    return Admission(services, charges, None)


def _alone(charge: ActCharge) -> Charge:
    subject = f"{charge.subject}:{charge.act}:{charge.name}"
    return Charge(subject, len(charge.members) or charge.points, charge.limit.most, charge.limit.window_ms)
