"""Sign-ups: as many from one range of addresses as LIMIT_SIGN_UP lets pass. While Redis is away nobody signs up."""

from core.errors import RefusalError, UserErrorCode
from core.limits import ActCharge, LimitedAct
from core.network.address_ranges import address_range
from core.settings import SignUp
from resolvers.limits.admission import admit
from resolvers.services import AccountRules, Services


def check_open(account_rules: AccountRules) -> None:
    """Raises RefusalError FORBIDDEN where nobody can sign up."""
    if account_rules.sign_up is SignUp.CLOSED:
        raise RefusalError.of(UserErrorCode.FORBIDDEN, "Sign-ups are closed here.", "input")


async def admit_sign_up(services: Services, address: str) -> None:
    """Counts a sign-up, whatever becomes of it. Raises RateLimitedError; UnavailableError without Redis."""
    limit = services.act_limits.get(LimitedAct.SIGN_UP)
    if limit is not None:
        await admit(services, ActCharge(LimitedAct.SIGN_UP, f"address:{address_range(address)}", limit))
