"""Registration: checks of the wanted account, admission, and the account itself with its mail."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from core.auth.password_rules import clean_new_password
from core.auth.reserved_handles import is_reserved
from core.devices import UNKNOWN_DEVICE, Device
from core.errors import RefusalError, UserError, UserErrorCode
from core.ids import UserId
from core.moderation import FilterEffect
from core.network.address_ranges import wide_range
from core.settings import SignUp
from core.text.text import clean_email, clean_handle, clean_name
from datastore.credentials.addresses import Change
from datastore.records.users import AccountRecord, UserRecord
from datastore.users.store import TakenError
from resolvers.accounts.devices import device_name
from resolvers.accounts.owner_messages import hand_over, verification_of
from resolvers.accounts.sessions import SignedIn, open_session
from resolvers.enqueue import enqueue_rebuild
from resolvers.input_errors import InputErrors
from resolvers.limits.sign_ups import admit_sign_up, check_open
from resolvers.passwords import Purpose
from resolvers.rate_limit import ensure_counting
from resolvers.screening import Screen, refusal_by_filter
from resolvers.services import Services

_TAKEN = {"handle": "This handle is taken.", "email": "This address belongs to an account already."}


@dataclass(frozen=True, slots=True)
class Registration:
    handle: str
    name: str
    email: str
    password: str
    date_of_birth: date | None = None
    device: Device = UNKNOWN_DEVICE
    is_email_verified: bool = False


async def register(services: Services, wanted: Registration, *, address: str) -> SignedIn | None:
    """None where the address must be verified first: then nothing tells whether it has an account already. None also
    where a moderator must approve the account.

    Raises RefusalError with every invalid field, UnavailableError while Redis can't count sign-ups, RateLimitedError
    after too many from this address.
    """
    check_open(services.account_rules)
    await ensure_counting(services)
    cleaned, has_address = await _checked(services, wanted)
    is_held = await _is_held(services.screen, {"handle": cleaned.handle, "name": cleaned.name, "email": cleaned.email})
    await admit_sign_up(services, address)
    if has_address and not services.account_rules.requires_verification:
        raise RefusalError(UserError(UserErrorCode.TAKEN, _TAKEN["email"], ("input", "email")))
    account = await _new_account(services, cleaned, address, is_suspicious=is_held)
    await _insert(services, account)
    await services.stores.credentials.devices.note(account.user.id, device_name(wanted.device, address), Change())
    is_let_in = not (account.is_hidden or account.waits)
    return await open_session(services, account, wanted.device) if is_let_in else None


async def _checked(services: Services, wanted: Registration) -> tuple[Registration, bool]:
    """The registration in its stored spelling, and whether the address has an account already."""
    errors = InputErrors()
    handle = errors.clean("handle", clean_handle, wanted.handle)
    name = errors.clean("name", clean_name, wanted.name)
    email = errors.clean("email", clean_email, wanted.email)
    errors.clean("password", lambda typed: clean_new_password(typed, wanted.handle, wanted.email), wanted.password)
    errors.check_birth_date("dateOfBirth", wanted.date_of_birth, services.account_rules.minimum_age)
    in_use = await services.stores.users.accounts.in_use(handle, email)
    if "handle" in in_use or is_reserved(handle):
        errors.add("handle", UserErrorCode.TAKEN, _TAKEN["handle"])
    errors.raise_if_any()
    return replace(wanted, handle=handle, name=name, email=email), "email" in in_use


async def _is_held(screen: Screen, texts: Mapping[str, str]) -> bool:
    """Whether a filter holds one of the texts, by their fields. Raises RefusalError FORBIDDEN where one refuses it."""
    is_held = False
    for field, text in texts.items():
        met = await (screen.of_email(text) if field == "email" else screen.of_words(text))
        if met is not None and met.effect is FilterEffect.REFUSE:
            raise refusal_by_filter("input", field)
        is_held |= met is not None
    return is_held


async def _new_account(services: Services, wanted: Registration, address: str, *, is_suspicious: bool) -> AccountRecord:
    """`is_suspicious`: the address meets a filter of the operator, so that a moderator must approve."""
    rules = services.account_rules
    return AccountRecord(
        UserRecord(UserId(services.stores.ids()), wanted.handle, wanted.name),
        wanted.email,
        await services.passwords.hash(wanted.password, Purpose.SIGN_UP, address=address),
        wanted.date_of_birth,
        is_email_verified=wanted.is_email_verified,
        is_hidden=rules.requires_verification and not wanted.is_email_verified,
        origin=wide_range(address),
        waits=(rules.sign_up is SignUp.APPROVAL or is_suspicious) and not wanted.is_email_verified,
    )


async def _insert(services: Services, account: AccountRecord) -> None:
    user_id = account.user.id
    mails = () if account.is_email_verified else verification_of(services, user_id, account.email)
    try:
        await services.stores.users.accounts.insert(account, *mails)
    except TakenError as taken:
        raise RefusalError(UserError(UserErrorCode.TAKEN, _TAKEN[taken.field], ("input", taken.field))) from None
    await hand_over(services.stores, Change(mails))
    await enqueue_rebuild(services.stores, user_id)
