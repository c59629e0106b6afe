"""Marks of people whose identity the operator of the service verified."""

from core.errors import RefusalError, UserErrorCode
from core.ids import UserId
from datastore.moderation.log import LogLine
from datastore.records.users import UserRecord
from resolvers.identity import Identity
from resolvers.moderation.roles import require_right_over
from resolvers.services import Services


async def set_verified(services: Services, identity: Identity, user_id: UserId, *, is_verified: bool) -> UserRecord:
    """Idempotent. Raises RefusalError: FORBIDDEN without the right to decide about the person, NOT_FOUND."""
    await require_right_over(services.stores.users, identity, user_id, "userId")
    stores = services.stores
    line = LogLine(stores.ids(), identity.user_id, "VERIFY" if is_verified else "UNVERIFY", ("User", user_id))
    await stores.users.verified.set(user_id, line, is_verified=is_verified)
    await stores.users.accounts.invalidate(user_id)
    (user,) = await stores.users.accounts.with_suspended([user_id])
    if user is None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such person.", "userId")
    return user
